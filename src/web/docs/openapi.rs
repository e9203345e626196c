//! `/openapi.json`, for programs. In English.

use crate::ui::i18n::Lang;
use crate::web::api::codes::Code;
use crate::web::api::{Call, Field, calls, texts};
use axum::response::Json;
use serde_json::{Map, Value, json};

const SIGNING: &str = "Take all fields but sign, leave out empty ones, sort by the bytes of their names, join name=value with &. \
    HMAC-SHA256: lower-case hex of the MAC with the app's key. RSA2: base64 of SHA256withRSA with your key. \
    MD5: upper-case hex over the text, &key= and the app's key. Answers are signed in the same way over code, message, data \
    (its exact text), request_id and timestamp.";

pub async fn openapi() -> Json<Value> {
    let mut paths = Map::new();
    for call in calls::ALL {
        paths.insert(call.path.to_owned(), json!({ "post": operation(call) }));
    }
    let when = |code: &Code| (code.as_str().to_owned(), json!(texts::code(Lang::En, *code)));
    let codes: Map<String, Value> = Code::ALL.iter().map(when).collect();
    Json(json!({
        "openapi": "3.1.0",
        "info": { "title": "Cashier merchant API", "version": "1", "description": SIGNING },
        "paths": paths,
        "x-codes": codes,
    }))
}

fn operation(call: &Call) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (name, must) in calls::COMMON {
        let kind = if name == "timestamp" { "integer" } else { "string" };
        properties.insert(name.to_owned(), json!({ "type": kind, "description": texts::common(Lang::En, name) }));
        if must {
            required.push(name);
        }
    }
    for field in call.fields {
        properties.insert(field.name.to_owned(), schema(call, field));
        if field.required {
            required.push(field.name);
        }
    }
    let answer = texts::answer(Lang::En, call);
    let schema = json!({ "type": "object", "required": required, "properties": properties });
    json!({
        "summary": texts::call(Lang::En, call),
        "requestBody": { "required": true, "content": { "application/json": { "schema": schema } } },
        "responses": { "200": { "description": format!("data: {answer}") }, "default": { "description": "see x-codes" } },
    })
}

fn schema(call: &Call, field: &Field) -> Value {
    let description = format!("{} It {}.", texts::field(Lang::En, call, field), field.kind.rule());
    json!({ "type": field.kind.json_type(), "description": description })
}
