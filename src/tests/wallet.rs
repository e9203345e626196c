//! A payer with the simulated wallet, who pays whatever a method hands out: a code, a page, a form, parameters for an app.
//! Knows no provider, so that a test over all of them takes in the next one by itself.

use serde_json::{Value, json};

/// Facts about payers that one method or another asks for: every order that may be paid by any method brings them all.
pub const FACTS: [(&str, &str); 7] = [
    ("openid", "oUpF8uMEb4qRXf22hE3X68TekukE"),
    ("sub_openid", "oUpF8uMEb4qRXf22hE3X68TekukE"),
    ("buyer_id", "2088102146225135"),
    ("user_id", "u-1"),
    ("user_name", "张三"),
    ("id_no", "110101199003077758"),
    ("phone", "13800138000"),
];

pub struct Wallet {
    client: reqwest::Client,
    /// The simulator's origin.
    url: String,
}

impl Wallet {
    pub fn at(url: &str) -> Self {
        Self { client: super::app::client(), url: url.to_owned() }
    }

    /// What a payer holds up to a scanner.
    pub async fn bar_code(&self, kind: &str) -> String {
        let answer = self.post("/wallet/codes", &json!({ "kind": kind })).await;
        answer["auth_code"].as_str().unwrap_or_else(|| panic!("no bar code: {answer}")).to_owned()
    }

    /// Goes where the browser is sent. `next` is that of the API.
    pub async fn visit(&self, next: &Value) {
        let text = |name: &str| next[name].as_str().unwrap_or_else(|| panic!("{next}")).to_owned();
        let request = match next["type"].as_str() {
            Some("redirect") => self.client.get(text("url")),
            Some("form") => self.client.post(text("action")).form(&next["fields"]),
            _ => return,
        };
        let answer = request.send().await.expect("the provider's page");
        assert!(answer.status().as_u16() < 400, "{} for {next}", answer.status());
    }

    /// Pays; the wallet's receipt.
    pub async fn pay(&self, pay_no: &str, next: &Value, behaviour: &str) -> Value {
        self.visit(next).await;
        // Some ways are paid by what the payer scans or opens, some by what the page hands to the provider's app, the
        // others by the payment's number.
        let handed =
            [&next["code_url"], &next["url"]].into_iter().chain(next["params"].as_object().into_iter().flat_map(|p| p.values()));
        let code_of = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Object(_) => Some(value.to_string()),
            _ => None,
        };
        let codes: Vec<String> = handed.filter_map(code_of).chain([pay_no.to_owned()]).collect();
        let mut answers = Vec::new();
        for code in codes {
            let receipt = self.post("/wallet/pay", &json!({ "code": code, "behaviour": behaviour })).await;
            if receipt["ok"] == true || receipt["error"].is_null() {
                return receipt;
            }
            answers.push(receipt);
        }
        panic!("the wallet cannot pay {next}: {answers:?}");
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.client.post(format!("{}{path}", self.url)).json(body).send().await.expect("the simulator lives");
        answer.json().await.expect("JSON")
    }
}

/// [`FACTS`] as an order's `extra`.
pub fn extra() -> String {
    Value::Object(FACTS.map(|(name, value)| (name.to_owned(), value.into())).into_iter().collect()).to_string()
}
