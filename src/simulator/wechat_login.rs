//! WeChat's web login (provider's document: 网页授权): the silent page that yields a code, and the exchange for an open id.
//! One official account serves every WeChat protocol the simulator speaks.

use super::behaviour::Account;
use super::stage::Stage;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The official account.
pub struct App {
    pub appid: String,
    pub secret: String,
}

impl App {
    pub fn of(stage: &Stage) -> Self {
        let hex = b"0123456789abcdef";
        Self {
            appid: format!("wx{}", stage.keys().text("wechat/appid", hex, 16)),
            secret: stage.keys().text("wechat/app_secret", hex, 32),
        }
    }

    /// A payer's open id under this account: 28 characters.
    pub fn openid(&self, stage: &Stage, payer: Account) -> String {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
        format!("o{}", stage.keys().text(&format!("wechat/openid/{}/{payer}", self.appid), alphabet, 27))
    }
}

/// How long a code lives.
const CODE_LIFE_MS: i64 = 5 * 60 * 1000;

struct Login {
    stage: Arc<Stage>,
    app: App,
    /// Code → when it was given, whether it was used.
    codes: Mutex<HashMap<String, (i64, bool)>>,
}

pub(super) fn router(stage: &Arc<Stage>) -> Router {
    let login = Arc::new(Login { stage: Arc::clone(stage), app: App::of(stage), codes: Mutex::default() });
    Router::new()
        .route("/connect/oauth2/authorize", get(authorize))
        .route("/sns/oauth2/access_token", get(access_token))
        .with_state(login)
}

type Params = Query<HashMap<String, String>>;

async fn authorize(State(login): State<Arc<Login>>, Query(params): Params) -> Response {
    let get = |name: &str| params.get(name).map(String::as_str).unwrap_or_default();
    let state = get("state");
    let fault = if get("appid") != login.app.appid {
        Some("appid 参数错误")
    } else if url::Url::parse(get("redirect_uri"))
        .map_or(true, |u| !matches!(u.scheme(), "http" | "https") || u.fragment().is_some())
    {
        Some("redirect_uri 参数错误")
    } else if get("response_type") != "code" {
        Some("response_type 参数错误")
    } else if !matches!(get("scope"), "snsapi_base" | "snsapi_userinfo") {
        Some("scope 参数错误")
    } else if state.len() > 128 || !state.bytes().all(|b| b.is_ascii_alphanumeric()) {
        Some("state 参数错误")
    } else {
        None
    };
    if let Some(fault) = fault {
        let page = format!(
            r#"<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>微信</title></head><body><h1>{fault}</h1></body></html>"#
        );
        return (StatusCode::BAD_REQUEST, Html(page)).into_response();
    }
    let code = format!("0{}", login.stage.token(31));
    login.codes.lock().unwrap_or_else(PoisonError::into_inner).insert(code.clone(), (login.stage.now_ms(), false));
    let Ok(mut back) = url::Url::parse(get("redirect_uri")) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    back.query_pairs_mut().append_pair("code", &code).append_pair("state", state);
    (StatusCode::FOUND, [("location", back.to_string())]).into_response()
}

async fn access_token(State(login): State<Arc<Login>>, Query(params): Params) -> Json<Value> {
    let get = |name: &str| params.get(name).map(String::as_str).unwrap_or_default();
    Json(match login.exchange(get("appid"), get("secret"), get("code"), get("grant_type")) {
        Ok(openid) => json!({
            "access_token": login.stage.token(86),
            "expires_in": 7200,
            "refresh_token": login.stage.token(86),
            "openid": openid,
            "scope": "snsapi_base",
        }),
        Err((errcode, text)) => json!({ "errcode": errcode, "errmsg": format!("{text}, rid: {}", login.stage.token(24)) }),
    })
}

impl Login {
    fn exchange(&self, appid: &str, secret: &str, code: &str, grant_type: &str) -> Result<String, (u32, &'static str)> {
        if appid != self.app.appid {
            return Err((40013, "invalid appid"));
        }
        if secret != self.app.secret {
            return Err((40125, "invalid appsecret"));
        }
        if grant_type != "authorization_code" {
            return Err((40002, "invalid grant_type"));
        }
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((given_at, used)) = codes.get_mut(code) else { return Err((40029, "invalid code")) };
        if *used {
            return Err((40163, "code been used"));
        }
        if self.stage.now_ms() - *given_at > CODE_LIFE_MS {
            return Err((40029, "invalid code"));
        }
        *used = true;
        Ok(self.app.openid(&self.stage, Account::Xiaoming))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{HandClock, Settings, Simulator};
    use super::*;
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use std::time::Duration;
    use tower::ServiceExt;

    struct Site {
        router: Router,
        clock: Arc<HandClock>,
        appid: String,
        secret: String,
    }

    impl Site {
        fn new() -> Self {
            let clock = Arc::new(HandClock::at(0));
            let settings = Settings { seed: Some(1), clock: Arc::clone(&clock) as _, ..Settings::at("http://127.0.0.1:3100") };
            let simulator = Simulator::new(settings).expect("starts");
            let app = App::of(&simulator.stage);
            Self { router: simulator.router(), clock, appid: app.appid, secret: app.secret }
        }

        async fn get(&self, path: String) -> Response {
            let request = Request::get(path).body(Body::empty()).expect("request");
            self.router.clone().oneshot(request).await.expect("routes")
        }

        /// The code that the browser brings back.
        async fn code(&self) -> String {
            let path = format!(
                "/connect/oauth2/authorize?appid={}&redirect_uri=https%3A%2F%2Fpay.example.com%2Fback%3Fa%3D1&response_type=code&scope=snsapi_base&state=S1",
                self.appid
            );
            let response = self.get(path).await;
            assert_eq!(response.status(), StatusCode::FOUND);
            let back = response.headers()["location"].to_str().expect("text").to_owned();
            let rest = back.strip_prefix("https://pay.example.com/back?a=1&code=").expect("the merchant's page");
            rest.strip_suffix("&state=S1").expect("the state").to_owned()
        }

        async fn exchange(&self, secret: &str, code: &str) -> Value {
            let path = format!(
                "/sns/oauth2/access_token?appid={}&secret={secret}&code={code}&grant_type=authorization_code",
                self.appid
            );
            let body = to_bytes(self.get(path).await.into_body(), 1 << 16).await.expect("body");
            serde_json::from_slice(&body).expect("JSON")
        }
    }

    #[tokio::test]
    async fn a_code_gives_the_open_id_once() {
        let site = Site::new();
        let code = site.code().await;
        assert_eq!(site.exchange("wrong", &code).await["errcode"], 40125);
        assert_eq!(site.exchange(&site.secret, &code).await["openid"].as_str().map(str::len), Some(28));
        assert_eq!(site.exchange(&site.secret, &code).await["errcode"], 40163);
        assert_eq!(site.exchange(&site.secret, "nobody").await["errcode"], 40029);
    }

    #[tokio::test]
    async fn a_code_lives_five_minutes() {
        let site = Site::new();
        let code = site.code().await;
        site.clock.advance(Duration::from_secs(301));
        assert_eq!(site.exchange(&site.secret, &code).await["errcode"], 40029);
    }

    #[tokio::test]
    async fn a_page_asked_wrongly_sends_nobody_anywhere() {
        let site = Site::new();
        let good =
            [("redirect_uri", "https://a.example.com/"), ("response_type", "code"), ("scope", "snsapi_base"), ("state", "S1")];
        for bad in
            [("redirect_uri", "javascript:1"), ("response_type", "token"), ("scope", "all"), ("state", "a b"), ("appid", "wx1")]
        {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("appid", if bad.0 == "appid" { bad.1 } else { &site.appid });
            for (name, value) in good {
                query.append_pair(name, if bad.0 == name { bad.1 } else { value });
            }
            let response = site.get(format!("/connect/oauth2/authorize?{}", query.finish())).await;
            assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{bad:?}");
        }
    }
}
