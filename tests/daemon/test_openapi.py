"""docs/openapi.yaml against the tables of routes and parameters, and every operation against it."""
import http.client
import json
import subprocess
import types

import jsonschema
import pytest
import requests

from kit.openapi import METHODS, Document
from kit.process import built
from kit.wait import SLOW, until
from test_access import account, users, write  # noqa: F401  users is a fixture

SCENE = "test:moving?width=160&height=120&fps=15"
NOBODY, ADMIN = None, ("admin", "secret")
LESS = {"admin": ("operator", "secret"), "operator": ("viewer", "secret")}
# Of whatever is asked for anything; what can stand against these, and those that ask the journal.
ALWAYS = {"400", "408", "411", "413", "414", "421", "431", "503"}
CONFLICT = {"createCamera", "restartCamera", "beginSession"}
FAIL = {"listEvents", "testEvent"}


@pytest.fixture(name="document")
def fixture_document():
    return Document()


@pytest.fixture(name="server")
def fixture_server(daemon, users, document):  # noqa: F811
    """A camera with two streams and another, and an account of each role that sees both."""
    write(users, "".join(account(role, name=role) for role in ("admin", "operator", "viewer")))
    front = {"uri": SCENE, "analysis-uri": SCENE, "masks": "0.1,0.1 0.4,0.1 0.4,0.3",
             "zones": "drive min-size=0.5%: 0,0 1,0 1,1; tree ignore: 0,0 0.5,0 0,1"}
    server = daemon({"front": front, "spare": SCENE}, options={"users-file": users})
    server.session.auth = ADMIN
    server.live("front")
    document.use_schema(ask(server, "get", "/api/v1/schema").json())
    return server


def ask(server, method, path, auth=ADMIN, **more):
    """One answer. Of a stream only what comes before it; a new connection each time."""
    answer = requests.request(method, server.url + path, auth=auth, stream=True,
                              timeout=60 * SLOW, allow_redirects=False, **more)
    kind = answer.headers.get("Content-Type", "")
    if not kind.startswith(("multipart/", "video/", "text/event-stream")):
        answer.content  # pylint: disable=pointless-statement
    answer.close()
    return answer


def announce_chunks(server, method, path, kind):
    """The answer to a body of chunks, none of which is sent: it comes before the first."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60 * SLOW)
    connection.putrequest(method.upper(), path)
    connection.putheader("Authorization", requests.auth.HTTPBasicAuth(*ADMIN)(
        requests.Request("GET", server.url).prepare()).headers["Authorization"])
    connection.putheader("Transfer-Encoding", "chunked")
    connection.putheader("Content-Type", kind)
    connection.endheaders()
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return types.SimpleNamespace(status_code=answer.status, headers=answer.headers,
                                 content=content, text=content.decode())


def path_of(operation, watched=1):
    """A path that leads somewhere: what an order may take away stands beside what is asked."""
    camera = "front" if operation.method == "get" else "spare"
    number = str(watched) if "/viewers/" in operation.path else camera
    return operation.path.replace("{id}", number).replace("{file}", "app.js")


def body_of(operation):
    if operation.body is None:
        return {}
    kind, example = operation.example()
    return {"data": json.dumps(example), "headers": {"Content-Type": kind}}


def restore(server):
    """spare is there and switched on, and nothing else was added."""
    there = {one["id"] for one in ask(server, "get", "/api/v1/cameras").json()["cameras"]}
    for name in there - {"front", "spare"}:
        assert ask(server, "delete", f"/api/v1/cameras/{name}").status_code == 200
    if "spare" not in there:
        made = ask(server, "post", "/api/v1/cameras", json={"id": "spare", "uri": SCENE})
        assert made.status_code == 201, made.text
    assert ask(server, "post", "/api/v1/cameras/spare/enable").status_code == 200


# --- the document itself ---


@pytest.mark.short
def test_the_document_is_whole(document):
    """Whatever it refers to is there, and used; every schema is one."""
    def walk(thing):
        if isinstance(thing, dict):
            if "$ref" in thing:
                used.add(thing["$ref"])
                assert document.find(thing) is not None
            for key, value in thing.items():
                if key not in ("example",):
                    walk(value)
        elif isinstance(thing, list):
            for one in thing:
                walk(one)

    used = set()
    walk(document.root)
    there = {f"#/components/{kind}/{name}" for kind, things in document.root["components"].items()
             if kind != "securitySchemes" for name in things}
    assert there - used - {"#/components/responses/MethodNotAllowed"} == set()
    for schema in document.root["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    names = [operation.name for operation in document.operations]
    assert len(names) == len(set(names))
    for operation in document.operations:
        assert operation.item["summary"] and operation.item["responses"], operation.name
        assert (operation.role == "none") == (operation.item["security"] == []), operation.name


def limits(schema):
    """(min, max, zero, words) of a parameter's schema, as the table has them."""
    if "oneOf" in schema:
        number, zero = schema["oneOf"]
        assert zero == {"const": 0}
        return number["minimum"], number["maximum"], True, None
    if schema.get("enum") == [0, 1]:
        return 1, 1, True, None
    return schema.get("minimum"), schema.get("maximum"), False, schema.get("enum")


@pytest.mark.short
def test_it_has_what_the_tables_have_and_nothing_else(document):
    done = subprocess.run([built("tests/http/print-routes")], check=True, stdout=subprocess.PIPE)
    table = {(route["method"].lower(), route["path"]): route for route in json.loads(done.stdout)}
    assert {(one.method, one.path) for one in document.operations} == set(table)
    for operation in document.operations:
        route = table[operation.method, operation.path]
        assert operation.role == route["role"], operation.name
        assert operation.item.get("x-all-cameras", False) == route["all"], operation.name
        assert (operation.body or {}).get("x-max-bytes", 0) == route["max_body"], operation.name
        told = {param["name"]: (param.get("min"), param.get("max"), param.get("zero", False),
                                param.get("words")) for param in route["params"]}
        assert {name: limits(schema) if "text" not in name else None
                for name, schema in operation.query.items()} == told, operation.name


def refusals(operation):
    """The statuses of all refusals that there are for an operation of this kind."""
    known, changes = operation.role != "none", operation.method != "get"
    more = operation.role != "viewer" or operation.item.get("x-all-cameras", False)
    when = {
        "401": known, "429": known,
        "403": known and (changes or more),
        "404": "{" in operation.path or "cameras" in operation.query,
        "409": operation.name in CONFLICT,
        "412": any(one["name"] == "If-Match" for one in operation.parameters),
        "415": operation.body, "422": operation.body,
        "500": "persist" in operation.query or operation.name in FAIL,
        "501": "codec" in operation.query,
    }
    return ALWAYS | {status for status, there in when.items() if there}


@pytest.mark.short
def test_it_tells_the_refusals_that_there_are_and_no_others(document):
    for operation in document.operations:
        told = {status for status in operation.item["responses"] if status >= "400"}
        assert told == refusals(operation), operation.name


# --- every operation ---


def test_each_answers_as_it_says(server, document):
    with requests.get(f"{server.url}/api/v1/cameras/front/stream.mjpg", auth=ADMIN, stream=True,
                      timeout=60 * SLOW):
        viewers = until(lambda: ask(server, "get", "/api/v1/viewers").json()["viewers"], 10,
                        "somebody watches")
        for operation in document.operations:
            path = path_of(operation, viewers[0]["number"])
            answer = ask(server, operation.method, path, **body_of(operation))
            assert answer.status_code < 300, f"{operation.name}: {answer.text}"
            operation.judge(answer)
            if operation.method == "get":
                head = ask(server, "head", path)
                assert head.status_code == answer.status_code, operation.name
                operation.judge(head, body=False)
            restore(server)


def wrong_values(schema):
    """What a number or a word in a query must not be."""
    least, most, _, words = limits(schema)
    if most is not None:
        return ["x", "", str(most + 1), "-1", "1.5", "9" * 30]
    return ["x", ""] if words is not None else []


def test_parameters_are_judged(server, document):
    count = 0
    for operation in document.operations:
        path = path_of(operation)
        queries = ["unknown=1", "width=%zz"]
        for name, schema in operation.query.items():
            queries += [f"{name}={value}" for value in wrong_values(schema)]
            queries += [f"{name}=1&{name}=1"]
        for query in queries:
            answer = ask(server, operation.method, f"{path}?{query}", **body_of(operation))
            assert answer.status_code == 400, f"{operation.name} {query}: {answer.status_code}"
            operation.judge(answer)
            count += 1
        answer = ask(server, operation.method, f"{path}?unknown={'x' * 3000}", **body_of(operation))
        assert answer.status_code == 414, operation.name
        operation.judge(answer)
    assert count > 150


def test_what_there_is_not(server, document):
    for operation in document.operations:
        if "{" not in operation.path:
            continue
        for name in ("gone", "UPPER", "%41%00", "x" * 200):
            if "/viewers/" in operation.path and name == "gone":
                name = "999999"
            path = operation.path.replace("{id}", name).replace("{file}", name)
            answer = ask(server, operation.method, path, **body_of(operation))
            assert answer.status_code in (400, 404), f"{operation.name} {name}: {answer.text}"
            operation.judge(answer)


def test_methods_are_those_of_the_path(server, document):
    for path, item in document.root["paths"].items():
        operation = next(one for one in document.operations if one.path == path)
        there = {method.upper() for method in METHODS if method in item}
        there |= {"OPTIONS"} | ({"HEAD"} if "GET" in there else set())
        for method in {"GET", "PUT", "POST", "PATCH", "DELETE", "TRACE"} - there:
            answer = ask(server, method, path_of(operation))
            assert answer.status_code == 405, f"{method} {path}"
            assert set(answer.headers["Allow"].split(", ")) == there
            document.check(answer.json(), {"$ref": "#/components/schemas/Error"})
        answer = ask(server, "OPTIONS", path_of(operation))
        assert answer.status_code == 204 and set(answer.headers["Allow"].split(", ")) == there


def test_roles_are_those_it_says(server, document):
    for operation in document.operations:
        if operation.role == "none":
            assert ask(server, operation.method, path_of(operation), NOBODY).status_code == 200
            continue
        answer = ask(server, operation.method, path_of(operation), NOBODY, **body_of(operation))
        assert answer.status_code == 401, operation.name
        operation.judge(answer)
        if operation.role in LESS:
            answer = ask(server, operation.method, path_of(operation), LESS[operation.role],
                         **body_of(operation))
            assert answer.status_code == 403, operation.name
            operation.judge(answer)


def test_host_and_headers_are_judged(server, document):
    for operation in document.operations:
        more = body_of(operation)
        for status, name, value in ((421, "Host", "evil.example"), (431, "X-Filler", "x" * 17000)):
            headers = {**more.get("headers", {}), name: value}
            answer = ask(server, operation.method, path_of(operation),
                         **{**more, "headers": headers})
            assert answer.status_code == status, f"{operation.name}: {answer.status_code}"
            operation.judge(answer)


def test_what_there_is_stands_against_it(server, document):
    operations = {operation.name: operation for operation in document.operations}
    assert ask(server, "post", "/api/v1/cameras/spare/disable").status_code == 200
    for name, more in (("createCamera", {"json": {"id": "front", "uri": SCENE}}),
                       ("restartCamera", {})):
        answer = ask(server, "post", path_of(operations[name]), **more)
        assert answer.status_code == 409, f"{name}: {answer.text}"
        operations[name].judge(answer)


# --- bodies ---


def test_a_body_where_none_is_taken_is_too_large(server, document):
    for operation in document.operations:
        if operation.body is not None:
            continue
        answer = ask(server, operation.method, path_of(operation), data="{}",
                     headers={"Content-Type": "text/plain"})
        assert answer.status_code == 413, f"{operation.name}: {answer.status_code} {answer.text}"
        operation.judge(answer)
        answer = announce_chunks(server, operation.method, path_of(operation), "text/plain")
        assert answer.status_code == 411, operation.name
        operation.judge(answer)


def wrong_members(schema):
    """A document for each thing that a member must not be, with the member's name."""
    for name, kind in schema["properties"].items():
        if name in ("id", "masks", "zones", "lines"):
            continue
        if kind["type"] == "boolean":
            values = ["true", 1, [], {}]
        elif kind["type"] == "integer":
            values = ["x", True, 1.5, [], {}, kind["maximum"] + 1, kind["minimum"] - 1, 2 ** 62]
        else:
            values = [5, True, [], {}, "x" * 5000] + (["x"] if "enum" in kind else [])
        for value in values:
            yield name, value
    for value in ("x", 5, [[1]], [[[0, 0]]], [[[0, 0], [1, 0], [2, 1]]], [[["0", 0]] * 3]):
        yield "masks", value
    corners = [[0, 0], [1, 0], [1, 1]]
    for value in ("a: 0,0 1,0 1,1", 5, [corners], {"A b": {"points": corners}}, {"new": {}},
                  {"new": corners}, {"new": {"points": [[0, 0], [1, 0], [2, 1]]}},
                  {"new": {"points": corners, "min_size": 101}},
                  {"new": {"points": corners, "min_ms": 0.5}},
                  {"new": {"points": corners, "ignore": 1}},
                  {"new": {"points": corners, "more": 1}},
                  {f"new{number}": {"points": corners} for number in range(17)}):
        yield "zones", value
    ends = [[0, 0], [1, 1]]
    for value in ("a: 0,0 1,1", 5, [ends], {"A b": {"points": ends}}, {"new": {}}, {"new": ends},
                  {"new": {"points": [[0, 0], [1, 2]]}}, {"new": {"points": ends[:1]}},
                  {"new": {"points": ends, "direction": "up"}},
                  {"new": {"points": ends, "more": 1}},
                  {f"new{number}": {"points": ends} for number in range(17)}):
        yield "lines", value
    yield "no_such_option", 1


def test_bodies_are_judged(server, document):
    schema = document.root["components"]["schemas"]["Configuration"]
    count = 0
    for operation in document.operations:
        if operation.body is None:
            continue
        path = path_of(operation)
        kind, example = operation.example()
        cases = [(400, b"", kind), (400, b"{", kind), (400, b"\xff", kind),
                 (400, b"[" * 60000, kind), (413, b"{}" + b" " * 70000, kind),
                 (400, b'{"ring_seconds":1' + b"0" * 30 + b"}", kind),
                 (415, b"{}", "text/plain"), (415, b"{}", None),
                 *[(400, b"[]", one) for one in operation.body["content"]]]
        for status, text, content_type in cases:
            answer = ask(server, operation.method, path, data=text,
                         headers={"Content-Type": content_type})
            assert answer.status_code == status, f"{operation.name} {text[:9]} {content_type}: " \
                f"{answer.status_code} {answer.text}"
            operation.judge(answer)
        answer = announce_chunks(server, operation.method, path, kind)
        assert answer.status_code == 411, operation.name
        operation.judge(answer)
        for name, value in wrong_members(schema):
            answer = ask(server, operation.method, path, json={**example, name: value})
            assert answer.status_code == 422, f"{operation.name} {name}={str(value)[:30]}: " \
                f"{answer.status_code} {answer.text}"
            assert name in [one["option"] for one in answer.json()["error"]["details"]], answer.text
            operation.judge(answer)
            count += 1
    assert count > 300


def test_if_match_is_judged(server, document):
    for operation in document.operations:
        if not any(one["name"] == "If-Match" for one in operation.parameters):
            continue
        more = body_of(operation)
        more["headers"] = {**more.get("headers", {}), "If-Match": '"another"'}
        answer = ask(server, operation.method, path_of(operation), **more)
        assert answer.status_code == 412, f"{operation.name}: {answer.status_code} {answer.text}"
        operation.judge(answer)
