"""Pure: the OpenAPI 3.1 document of the verification API; ``certificates.api`` keeps to it and is tested against it."""

TEXT = {"type": "string"}
NULLABLE = {"type": ["string", "null"]}
HASH = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
DAY = {"type": "string", "format": "date"}
HOURS = {"type": "string", "description": "exact decimal", "examples": ["7.5"]}
STATE = {"enum": ["issued", "superseded", "revoked"]}
ANSWER = {"enum": ["revoked", "superseded", "unknown", "differs", "match"]}


def _object(required: dict, optional: dict | None = None, **more) -> dict:
    return {
        "type": "object",
        "required": list(required),
        "properties": required | (optional or {}),
        "additionalProperties": False,
        **more,
    }


def _text(length: int, **more) -> dict:
    return {"type": "string", "minLength": 1, "maxLength": length, **more}


def _ref(name: str) -> dict:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: dict, description: str) -> dict:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


PROBLEMS = {
    "400": "The body is no JSON.",
    "401": "The token is missing, unknown, expired or revoked, or its verifier holds the office no more.",
    "403": "The token may not ask for this.",
    "404": "Nothing with this code was ever entered here.",
    "409": "The question fits more people than can be told apart.",
    "413": "The body is larger than two megabytes.",
    "415": "The body is not application/json.",
    "422": "The body does not have the form described here.",
    "429": "Too many requests; Retry-After says when to come again.",
}


def _problems(*codes: str) -> dict:
    found = {}
    for code in codes:
        found[code] = {
            "description": PROBLEMS[code],
            "content": {"application/problem+json": {"schema": _ref("Problem")}},
        }
    if "401" in found:
        found["401"]["headers"] = {"WWW-Authenticate": {"schema": TEXT}}
    found.get("429", {})["headers"] = {"Retry-After": {"schema": TEXT}}
    return found


def _operation(
    name: str, summary: str, answers: dict, *, scope: str | None = None, public=False, **more
) -> dict:
    token: list[dict] = [{"token": []}]
    return {
        "operationId": name,
        "summary": summary,
        "description": f"Needs a token that may ask for `{scope}`." if scope else "",
        "security": [{}, *token] if public and scope else [] if public else token,
        "responses": answers,
        **more,
    }


def _body(schema: str) -> dict:
    return {"required": True, "content": {"application/json": {"schema": _ref(schema)}}}


def document(server: str, *, rows: int) -> dict:
    """Return the document for an API below *server* that takes at most *rows* rows in one request."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Vươn Xa: verification of certificates",
            "version": "1",
            "description": "Every record shown under a token is recorded with the token's purpose and shown to "
            "the person concerned. Texts are Vietnamese. Errors are application/problem+json (RFC 9457).",
        },
        "servers": [{"url": server}],
        "paths": {
            "/certificates/{code}": {
                "get": _operation(
                    "one",
                    "One certificate by the code printed on it",
                    {"200": _json(_ref("Certificate"), "What the register says.")}
                    | _problems("401", "403", "404", "429"),
                    scope="one",
                    public=True,
                    parameters=[
                        {
                            "name": "code",
                            "in": "path",
                            "required": True,
                            "description": "18 characters; capitals, dashes and spaces do not matter",
                            "schema": _text(60),
                        }
                    ],
                )
            },
            "/check": {
                "post": _operation(
                    "batch",
                    "Many certificates or licences, each compared with what is claimed",
                    {"200": _json(_ref("Checked"), "One answer for each row, in the order asked.")}
                    | _problems("400", "401", "403", "413", "415", "422", "429"),
                    scope="batch",
                    requestBody=_body("Rows"),
                )
            },
            "/person": {
                "post": _operation(
                    "person",
                    "One person's whole record",
                    {"200": _json(_ref("People"), "Whoever fits; an empty list where nobody does.")}
                    | _problems("400", "401", "403", "409", "413", "415", "422", "429"),
                    scope="person",
                    requestBody=_body("Question"),
                )
            },
            "/register/checkpoint": {
                "get": _operation(
                    "checkpoint",
                    "The last signed checkpoint of the register, as a C2SP note",
                    {
                        "200": {"description": "The note.", "content": {"text/plain": {"schema": TEXT}}},
                        **_problems("404", "429"),
                    },
                    public=True,
                )
            },
            "/register/export": {
                "get": _operation(
                    "export",
                    "The export of the register that check_register.py checks, one JSON object a line",
                    {
                        "200": {
                            "description": "The export.",
                            "content": {"application/jsonl": {"schema": TEXT}},
                        },
                        **_problems("401", "403", "404", "429"),
                    },
                    scope="register",
                )
            },
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(rows),
        },
    }


def _schemas(rows: int) -> dict:
    activity = _object({"form": TEXT, "content": TEXT, "time": TEXT, "hours": HOURS})
    named = _object({"code": TEXT, "number": TEXT})
    certificate = {
        "code": TEXT,
        "number": TEXT,
        "state": STATE,
        "kind": TEXT,
        "sample": {"type": "boolean", "description": "from a demonstration, without value"},
        "holder": _object(
            {"name": {"type": "string", "description": "initials and given name; whole with a token"}}
        ),
        "issuer": TEXT,
        "hours": HOURS,
        "activities": {"type": "array", "items": activity},
        "issued_on": DAY,
        "ended_on": NULLABLE,
        "end_reason": TEXT,
        "replaced_by": {"anyOf": [named, {"type": "null"}]},
        "facts_sha256": HASH,
        "file_sha256": {"type": "string", "description": "of the original PDF; empty until it is sealed"},
        "log_entry": {
            "type": ["integer", "null"],
            "description": "place of the issue in the signed register",
        },
    }
    row = {
        "number": _text(200, description="number or code of the certificate"),
        "licence": _text(200),
        "name": _text(200),
        "hours": _text(200),
        "born": _text(200, description="dd/mm/yyyy or a year"),
    }
    result = {
        "row": {"type": "integer", "minimum": 1},
        "answer": ANSWER,
        "notes": {"type": "array", "items": TEXT},
        "code": TEXT,
        "number": TEXT,
        "name": TEXT,
        "hours": TEXT,
        "replacement": TEXT,
    }
    by_licence = _object({"licence": _text(200)})
    by_name = _object({"name": _text(200), "born": DAY})
    entry = _object(
        {"activity": TEXT, "on": DAY, "hours": HOURS, "counts": {"type": "boolean"}, "rule": TEXT}
    )
    person = {
        "name": TEXT,
        "born": TEXT,
        "workplace": TEXT,
        "licences": {"type": "array", "items": _object({"number": TEXT, "status": TEXT})},
        "hours": HOURS,
        "target": NULLABLE,
        "cycle": {"anyOf": [_object({"from": DAY, "until": DAY}), {"type": "null"}]},
        "certificates": {"type": "array", "items": _ref("Certificate")},
        "entries": {"type": "array", "items": entry},
    }
    return {
        "Problem": _object(
            {"title": TEXT, "status": {"type": "integer"}, "detail": TEXT},
            {"suggestion": {"type": "string", "description": "the code that was probably meant"}},
        ),
        "Certificate": _object(certificate),
        "Rows": _object(
            {
                "rows": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": rows,
                    "items": _object({}, row, anyOf=[{"required": ["number"]}, {"required": ["licence"]}]),
                }
            }
        ),
        "Checked": _object(
            {
                "results": {"type": "array", "items": _object(result)},
                "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
            }
        ),
        "Question": {"oneOf": [by_licence, by_name]},
        "People": _object({"people": {"type": "array", "items": _object(person)}}),
    }
