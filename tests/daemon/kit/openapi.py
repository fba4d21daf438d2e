"""docs/openapi.yaml: its operations, and what an answer must be by it."""
import json
import os

import jsonschema
import yaml

METHODS = ("get", "put", "post", "patch", "delete")


def load():
    with open(f"{os.environ['top_srcdir']}/docs/openapi.yaml", encoding="utf-8") as file:
        return yaml.safe_load(file)


class Document:
    def __init__(self):
        self.root = load()
        self.operations = [Operation(self, path, method, item[method])
                           for path, item in self.root["paths"].items()
                           for method in METHODS if method in item]

    def find(self, thing):
        """What a $ref points to, or the thing itself."""
        while "$ref" in thing:
            place = self.root
            for word in thing["$ref"].removeprefix("#/").split("/"):
                place = place[word]
            thing = place
        return thing

    def use_schema(self, schema):
        """Puts the schema that the daemon tells in the place of what only names it."""
        self.root["components"]["schemas"]["Configuration"] = {
            key: value for key, value in schema.items() if key != "$schema"}

    def check(self, value, schema):
        # Definitions travel with it: a $ref begins at the top of what it stands in.
        whole = {"components": self.root["components"], "allOf": [schema]}
        jsonschema.Draft202012Validator(
            whole, format_checker=jsonschema.FormatChecker()).validate(value)


class Operation:
    def __init__(self, document, path, method, item):
        self.document, self.path, self.method, self.item = document, path, method, item
        self.name = item["operationId"]
        self.role = item["x-role"]
        self.parameters = [document.find(one) for one in item.get("parameters", [])]
        self.query = {one["name"]: one["schema"] for one in self.parameters
                      if one["in"] == "query"}
        self.body = item.get("requestBody")

    def example(self):
        """A body that may be sent, and its type."""
        kind, content = next(iter(self.body["content"].items()))
        return kind, content["example"]

    def judge(self, answer, body=True):
        """The answer is one that the document has for this operation."""
        told = f"{self.name}: {answer.status_code} {answer.headers.get('Content-Type')}"
        response = self.item["responses"].get(str(answer.status_code))
        assert response is not None, f"{told} is not described: {answer.text[:500]}"
        response = self.document.find(response)
        for header in response.get("headers", {}):
            assert header in answer.headers, f"{told} without {header}"
        content = response.get("content", {})
        if not content:
            assert answer.headers.get("Content-Length", "0") == "0", f"{told} has a body"
            return
        kind = answer.headers["Content-Type"].split(";")[0]
        assert kind in content, f"{told} is not described"
        if body and kind == "application/json":
            try:
                self.document.check(json.loads(answer.content), content[kind]["schema"])
            except jsonschema.ValidationError as error:
                raise AssertionError(f"{told} at {list(error.absolute_path)}: {error.message}"
                                     ) from error
