"""docs/openapi.json by itself and beside the sources: valid OpenAPI 3.1, and of what is there.

tests/system/openapi.py holds the daemon's answers against it. Prints TAP.
"""

import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "system"))
from described import DOCUMENT, jsonschema, operations, target  # noqa: E402
from harness import Suite, equal, skip  # noqa: E402

suite = Suite("api_description")

ROOT = pathlib.Path(__file__).resolve().parents[1]
SOURCES = ROOT / "src"
META_SCHEMA = ROOT / "tests" / "openapi" / "schema-3.1.json"


def each_object(value):
    """All objects within a value, itself included."""
    if isinstance(value, dict):
        yield value
    inside = value.values() if isinstance(value, dict) else value
    for inner in inside if isinstance(value, (dict, list)) else ():
        yield from each_object(inner)


def routes():
    """(method, path with {} in place of names): traits, of the table in the code."""
    table = (SOURCES / "adapt" / "api.c").read_text()
    root = re.search(r'#define ROOT "([^"]+)"', table).group(1)
    rows = re.findall(r'\{HTTP_(\w+), (ROOT )?"([^"]+)", \w+, ([^}]+)\}', table)
    assert len(rows) == table.count("{HTTP_"), "a route that this test cannot read"
    return {(method, (root if prefix else "") + path.replace("*", "{}")): traits
            for method, prefix, path, traits in rows}


@suite.test
def it_is_a_valid_openapi_document(env):
    if not jsonschema:
        skip("python3-jsonschema is not installed")
    validator = jsonschema.Draft202012Validator(json.loads(META_SCHEMA.read_text()))
    equal([error.message for error in validator.iter_errors(DOCUMENT)], [], "faults")
    for name, schema in DOCUMENT["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema, name
    wrong = json.loads(json.dumps(DOCUMENT))
    del wrong["paths"]["/healthz"]["get"]["responses"]["200"]["description"]
    assert list(validator.iter_errors(wrong)), "the meta schema finds nothing"


@suite.test
def every_reference_leads_somewhere_and_everything_is_referred_to(env):
    used = {value["$ref"] for value in each_object(DOCUMENT) if "$ref" in value}
    for reference in used:
        target({"$ref": reference})
    there = {f"#/components/{kind}/{name}" for kind in ("schemas", "responses", "parameters")
             for name in DOCUMENT["components"][kind]}
    equal(sorted(there - used), [], "what nothing refers to")


@suite.test
def it_describes_the_routes_of_the_code_and_no_others(env):
    described = {(method, re.sub(r"\{\w+\}", "{}", path)) for method, path, _ in operations()}
    code = set(routes())
    equal(sorted(code - described), [], "routes that are not described")
    equal(sorted(described - code), [], "what is described and no route")


@suite.test
def it_says_who_may_do_what_as_the_code_has_it(env):
    traits_of = routes()
    for method, path, operation in operations():
        traits = traits_of[method, re.sub(r"\{\w+\}", "{}", path)]
        role = ("none" if "HTTP_OPEN" in traits
                else "view" if method == "GET" and "HTTP_CONTROL" not in traits else "control")
        equal(operation["x-role"], role, f"who may {method} {path}")


@suite.test
def every_operation_has_a_name_of_its_own_and_its_path_s_parameters(env):
    names = [operation["operationId"] for _, _, operation in operations()]
    equal(len(set(names)), len(names), "names")
    tags = {tag["name"] for tag in DOCUMENT["tags"]}
    for method, path, operation in operations():
        wanted = set(re.findall(r"\{(\w+)\}", path))
        given = {parameter["name"] for parameter in map(target, operation.get("parameters", []))
                 if parameter["in"] == "path"}
        equal(given, wanted, f"parameters of {method} {path}")
        assert set(operation["tags"]) <= tags, f"tags of {method} {path}"
        assert "default" in operation["responses"], f"what {method} {path} is refused with"


@suite.test
def every_object_has_only_the_members_that_are_described(env):
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for value in each_object(schema):
            if value.get("type") in ("object", ["object", "null"]):
                assert "additionalProperties" in value, f"an object of {name} may have any member"


def names_in(file, pattern):
    return re.findall(pattern, (SOURCES / file).read_text())


@suite.test
def its_codes_are_those_of_the_code(env):
    schemas = DOCUMENT["components"]["schemas"]
    for name, file, pattern in (
            ("ReasonCode", "model/reason.c", r'\[REASON_\w+\] =\s*\{\s*"([a-z-]+)"'),
            ("AlertCode", "model/alert.c", r'\[ALERT_(?!NONE)\w+\] =\s*\{\s*"([a-z-]+)"')):
        equal(sorted(schemas[name]["enum"]), sorted(names_in(file, pattern)), name)
    refusals = schemas["Counters"]["properties"]["refused"]["propertyNames"]["enum"]
    equal(sorted(refusals), sorted(names_in("model/reading.c",
                                            r'\[REFUSAL_(?!NONE)\w+\] = "([a-z0-9-]+)"')))


@suite.test
def its_problems_are_those_of_the_code(env):
    code = "".join(file.read_text() for file in sorted((SOURCES / "adapt").glob("*.c"))
                   if not file.stem.endswith("_test"))
    said = set(re.findall(r'\b(?:http_problem_of|finish_badly|refuse)\([^;"]*?\d{3},\s*"([a-z-]+)"',
                          code)) | set(re.findall(r'\.type = "([a-z-]+)"', code))
    described = {kind.rpartition("/")[2] for kind in
                 DOCUMENT["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]}
    equal(sorted(said - described), [], "types that are not described")
    equal([kind for kind in sorted(described) if f'"{kind}"' not in code], [],
          "types that the code does not know")


suite.run()
