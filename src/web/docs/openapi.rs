//! `/openapi.json`, for programs. In English.

use crate::web::api::codes::Code;
use crate::web::api::{Call, Field, calls};
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
    let codes: Map<String, Value> = Code::ALL.iter().map(|c| (c.as_str().to_owned(), json!(c.when().1))).collect();
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
    for (name, (_, about), must) in calls::COMMON {
        let kind = if name == "timestamp" { "integer" } else { "string" };
        properties.insert(name.to_owned(), json!({ "type": kind, "description": about }));
        if must {
            required.push(name);
        }
    }
    for field in call.fields {
        properties.insert(field.name.to_owned(), schema(field));
        if field.required {
            required.push(field.name);
        }
    }
    let schema = json!({ "type": "object", "required": required, "properties": properties });
    json!({
        "summary": call.about.1,
        "requestBody": { "required": true, "content": { "application/json": { "schema": schema } } },
        "responses": { "200": { "description": format!("data: {}", call.answer.1) }, "default": { "description": "see x-codes" } },
    })
}

fn schema(field: &Field) -> Value {
    json!({ "type": field.kind.json_type(), "description": format!("{} It {}.", field.about.1, field.kind.rule()) })
}
