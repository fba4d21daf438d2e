"""An authority of the test's own, and what it signs; made by openssl."""
import subprocess


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


class Authority:
    def __init__(self, folder, name="authority"):
        self.folder = folder
        self.file, self.key = folder / f"{name}.pem", folder / f"{name}.key"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", 30, "-subj",
                f"/CN={name}", "-keyout", self.key, "-out", self.file)

    def sign(self, name, host="IP:127.0.0.1", days=30, first="-1"):
        """A file with a certificate for this host and its key. days < 0: it has expired."""
        key, request, certificate = (self.folder / f"{name}.{end}" for end in ("key", "csr", "crt"))
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={host}\nextendedKeyUsage=serverAuth\n")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", key,
                "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.key,
                "-CAcreateserial", "-days", days, "-extfile", extensions, "-out", certificate)
        return self.join(name, certificate, key)

    def join(self, name, certificate, key):
        both = self.folder / f"{name}-both.pem"
        both.write_text(certificate.read_text() + key.read_text())
        return both


def self_signed(folder, host="IP:127.0.0.1"):
    both, certificate = folder / "self-both.pem", folder / "self.crt"
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", 30, "-subj", "/CN=camera",
            "-addext", f"subjectAltName={host}", "-keyout", both, "-out", certificate)
    both.write_text(both.read_text() + certificate.read_text())
    return both
