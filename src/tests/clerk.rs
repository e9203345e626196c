//! Somebody of the staff who works in the panel of a running server, with a browser without scripts.

use super::app::TestApp;
use crate::model::Role;
use crate::pay::Secret;

const PASSWORD: &str = "violet kettles never whistle";

pub struct Clerk<'a> {
    app: &'a TestApp,
    cookie: String,
}

impl<'a> Clerk<'a> {
    /// Somebody new of this role, named after it, signed in.
    pub async fn sign_in(app: &'a TestApp, role: Role) -> Self {
        app.cashier.create_staff(role.as_str(), role, Secret::new(PASSWORD.to_owned()), "cli").await.expect("staff");
        let mut this = Self { app, cookie: String::new() };
        let answer = this.submit("sign_in", &[("name", role.as_str()), ("password", PASSWORD)]).await;
        assert_eq!(header(&answer, "location"), "/admin");
        this.cookie = header(&answer, "set-cookie").split(';').next().unwrap_or_default().to_owned();
        this
    }

    /// Sends a form; where it leads.
    pub async fn post(&self, function: &str, fields: &[(&str, &str)]) -> String {
        header(&self.submit(function, fields).await, "location").to_owned()
    }

    async fn submit(&self, function: &str, fields: &[(&str, &str)]) -> reqwest::Response {
        let request = self.app.anonymous.post(format!("{}/rpc/admin/{function}", self.app.url)).header("accept", "text/html");
        let request = request.header("origin", &self.app.url).header("cookie", &self.cookie);
        request.header("referer", format!("{}/admin/here", self.app.url)).form(fields).send().await.expect("answer")
    }

    /// A page, in English.
    pub async fn get(&self, path: &str) -> String {
        let request = self.app.anonymous.get(format!("{}{path}", self.app.url)).header("accept", "text/html");
        let request = request.header("cookie", &self.cookie).header("accept-language", "en");
        request.send().await.expect("answer").text().await.expect("text")
    }
}

fn header<'a>(answer: &'a reqwest::Response, name: &str) -> &'a str {
    answer.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
}
