//! The API reference, made from the tables that the calls are checked with, so it cannot disagree with them.

use super::api::codes::Code;
use super::api::{Call, Field, calls};
use axum::response::{Html, IntoResponse, Json, Response};
use serde_json::{Map, Value, json};
use std::fmt::Write;

const COMMON: [(&str, &str, bool); 5] = [
    ("app_id", "Your app.", true),
    ("timestamp", "Unix seconds, at most 300 s away from our clock.", true),
    ("nonce", "8 to 64 characters, never used before.", true),
    ("sign_type", "HMAC-SHA256 (absent: this), RSA2, or MD5 where the app allows it.", false),
    ("sign", "The signature over all other fields.", true),
];

const SIGNING: &str = "Take all fields but sign, leave out empty ones, sort by the bytes of their names, join name=value with &. \
    HMAC-SHA256: lower-case hex of the MAC with the app's key. RSA2: base64 of SHA256withRSA with your key. \
    MD5: upper-case hex over the text, &key= and the app's key. Answers are signed in the same way over code, message, data \
    (its exact text), request_id and timestamp.";

pub async fn openapi() -> Json<Value> {
    let mut paths = Map::new();
    for call in calls::ALL {
        paths.insert(call.path.to_owned(), json!({ "post": operation(call) }));
    }
    let codes: Map<String, Value> = Code::ALL.iter().map(|c| (c.as_str().to_owned(), json!(c.when()))).collect();
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
    for (name, about, must) in COMMON {
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
        "summary": call.about,
        "requestBody": { "required": true, "content": { "application/json": { "schema": schema } } },
        "responses": { "200": { "description": format!("data: {}", call.answer) }, "default": { "description": "see x-codes" } },
    })
}

fn schema(field: &Field) -> Value {
    json!({ "type": field.kind.json_type(), "description": format!("{} It {}.", field.about, field.kind.rule()) })
}

/// A plain document for people; needs no script.
pub async fn page() -> Response {
    let mut body = String::new();
    let mut put = |text: std::fmt::Arguments<'_>| {
        let _ = body.write_fmt(text); // writing to a String cannot fail
    };
    put(format_args!("<h1>Merchant API</h1><p>POST, flat JSON. Amounts are fen. {SIGNING}</p><h2>Fields of every call</h2><dl>"));
    for (name, about, must) in COMMON {
        put(format_args!("<dt><code>{name}</code>{}</dt><dd>{about}</dd>", mark(must)));
    }
    put(format_args!("</dl>"));
    for call in calls::ALL {
        put(format_args!("<h2><code>POST {}</code></h2><p>{}</p><dl>", call.path, call.about));
        for field in call.fields {
            put(format_args!(
                "<dt><code>{}</code>{}</dt><dd>{} It {}.</dd>",
                field.name,
                mark(field.required),
                field.about,
                field.kind.rule()
            ));
        }
        put(format_args!("</dl><p><b>data</b>: {}</p>", call.answer));
        if !call.one_of.is_empty() {
            put(format_args!("<p>One of {} is required.</p>", call.one_of.join(", ")));
        }
    }
    put(format_args!(
        "<h2><code>GET|POST /cashier</code></h2><p>The fields of an order as a query or form: 303 to the checkout.</p>"
    ));
    put(format_args!("<h2>Codes</h2><table><thead><tr><th>code<th>HTTP<th>when</thead><tbody>"));
    for code in Code::ALL {
        put(format_args!("<tr><td><code>{}</code><td>{}<td>{}", code.as_str(), code.status().as_u16(), code.when()));
    }
    put(format_args!("</tbody></table><p><a href=\"/openapi.json\">openapi.json</a></p>"));
    let document = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, \
         initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\"><title>Merchant API</title>\
         <link rel=\"stylesheet\" href=\"/pkg/cashier.css\"></head><body><main class=\"docs\">{body}</main></body></html>"
    );
    Html(document).into_response()
}

fn mark(required: bool) -> &'static str {
    if required { " required" } else { "" }
}
