//! Secrets as canaries: after a full day's work at the most talkative log level, none of them stands in the log, in an
//! answer, on a page, or in the database's bytes.

use super::app::client;
use super::merchant::Merchant;
use super::process::Setting;
use super::receiver::Receiver;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const PASSWORD: &str = "canary-Pässword-7Qx!zeppelin";
/// Whose bar code and open id these are nobody reading a log may learn.
const OPENID: &str = "oCANARYopenid6qXf22hE3X68TekukE";

/// A secret, and every spelling of it that would give it away.
struct Canary {
    name: String,
    spellings: Vec<Vec<u8>>,
}

impl Canary {
    fn new(name: &str, secret: &str) -> Self {
        let mut spellings = vec![secret.as_bytes().to_vec(), hex::encode(secret).into_bytes()];
        spellings.push(STANDARD.encode(secret).trim_end_matches('=').as_bytes().to_vec());
        spellings.push(form_urlencoded::byte_serialize(secret.as_bytes()).collect::<String>().into_bytes());
        Self { name: name.to_owned(), spellings }
    }

    /// Keys in PEM: any line of the body is enough to worry about, and so are the raw bytes.
    fn of_pem(name: &str, pem: &str) -> Self {
        let lines: Vec<&str> = pem.lines().filter(|l| !l.starts_with("-----") && l.len() >= 32).collect();
        // The first line of a PKCS#8 key is the same for all keys.
        let mut spellings: Vec<Vec<u8>> = lines.iter().skip(1).map(|l| l.as_bytes().to_vec()).collect();
        let der = STANDARD.decode(lines.concat().trim_end_matches('=')).unwrap_or_default();
        if der.len() > 96 {
            spellings.push(der[48..80].to_vec());
            spellings.push(hex::encode(&der[48..80]).into_bytes());
        }
        assert!(spellings.len() >= 2, "{name}: no such key: {pem}");
        Self { name: name.to_owned(), spellings }
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        self.spellings.iter().any(|spelling| contains(bytes, spelling))
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    let Some(first) = part.first() else { return false };
    let mut at = 0;
    while let Some(found) = bytes[at..].iter().position(|b| b == first) {
        at += found;
        if bytes[at..].starts_with(part) {
            return true;
        }
        at += 1;
    }
    false
}

/// Everything that outsiders get to see, as bytes.
#[derive(Default)]
struct Seen(Vec<u8>);

impl Seen {
    async fn take(&mut self, answer: reqwest::Response) -> String {
        for (name, value) in answer.headers() {
            self.0.extend_from_slice(name.as_str().as_bytes());
            self.0.extend_from_slice(value.as_bytes());
        }
        let body = answer.text().await.expect("text");
        self.0.extend_from_slice(body.as_bytes());
        body
    }

    async fn call(&mut self, merchant: &Merchant, path: &str, fields: &[(&str, &str)]) -> Value {
        let answer = merchant.call(path, fields).await;
        self.0.extend_from_slice(answer.text.as_bytes());
        answer.data()
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_leaks_into_logs_answers_or_the_database() {
    let dir = tempfile::tempdir().expect("directory");
    let setting = Setting::new(dir.path(), &[("CASHIER_LOG__LEVEL", "trace"), ("CASHIER_LOG__FORMAT", "json")]);
    let stop = CancellationToken::new();
    let receiver = Receiver::start(stop.clone()).await;
    let (_simulator, simulator_url, accounts) = setting.simulate("50").await;
    let mut server = setting.serve().await;
    let app = setting.run(&["app", "create", "--name", "Canary", "--json"], "");
    setting.run(&["app", "set", text(&app["app_id"]), "--notify-url", &receiver.url, "--json"], "");
    setting.run(&["admin", "create", "--name", "canary", "--role", "owner", "--password-stdin", "--json"], PASSWORD);
    let merchant = Merchant::new(&setting.url, text(&app["app_id"]), text(&app["key"]), text(&app["webhook_secret"]));

    let mut canaries = vec![
        Canary::new("the app's key", text(&app["key"])),
        Canary::new("the webhook secret", text(&app["webhook_secret"])),
        Canary::new("the webhook secret's key", text(&app["webhook_secret"]).trim_start_matches("whsec_")),
        Canary::new("the admin's password", PASSWORD),
    ];
    for kind in ["wechat_v2", "alipay"] {
        let account = accounts.iter().find(|a| a["kind"] == kind).expect("simulated");
        setting.run(&["channel", "import", "-", "--json"], &account.to_string());
        let credentials = &account["credentials"];
        for name in ["key", "app_secret"].into_iter().filter(|n| credentials[*n].is_string()) {
            canaries.push(Canary::new(&format!("{kind} {name}"), text(&credentials[name])));
        }
        for name in ["private_key_pem", "client_key_pem"].into_iter().filter(|n| credentials[*n].is_string()) {
            canaries.push(Canary::of_pem(&format!("{kind} {name}"), text(&credentials[name])));
        }
    }
    let master = std::fs::read(dir.path().join("data/master.key")).expect("the master key");
    let master = String::from_utf8_lossy(&master).trim().to_owned();
    canaries.push(Canary::new("the master key", &master));

    let (seen, private) = a_days_work(&setting, &merchant, &simulator_url).await;
    for event in ["order.paid", "refund.succeeded"] {
        for _ in 0..300 {
            if !receiver.of_type(event).is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert!(!receiver.of_type(event).is_empty(), "{event} never came:\n{}", server.last_lines());
    }
    server.kill();

    let log = std::fs::read(&server.log).expect("the log");
    assert!(log.len() > 20_000 && contains(&log, b"\"level\":\"DEBUG\""), "the log is not talkative");
    // The search itself works: what may be seen is found.
    assert!(Canary::new("the app's id", text(&app["app_id"])).is_in(&seen.0));
    let mut hits = Vec::new();
    let mut check = |place: &str, bytes: &[u8], canaries: &[Canary]| {
        hits.extend(canaries.iter().filter(|c| c.is_in(bytes)).map(|c| {
            let spelling = c.spellings.iter().find(|s| contains(bytes, s)).expect("found");
            let line = bytes.split(|b| *b == b'\n').find(|l| contains(l, spelling)).unwrap_or_default();
            let line = String::from_utf8_lossy(&line[..line.len().min(600)]).into_owned();
            format!("{} in {place}: {line}", c.name)
        }));
    };
    check("the log", &log, &canaries);
    check("the log", &log, &private);
    check("an answer or a page", &seen.0, &canaries);
    for file in std::fs::read_dir(dir.path().join("data")).expect("data").map(|e| e.expect("entry").path()) {
        if file.extension().is_none_or(|e| e != "key") {
            check(&file.display().to_string(), &std::fs::read(&file).expect("readable"), &canaries);
        }
    }
    assert!(hits.is_empty(), "\n{}", hits.join("\n"));
    stop.cancel();
}

/// Orders, payments by both providers and by bar code, refunds, faults, pages, the panel. Gives what was seen, and what
/// belongs to payers and must not be logged.
async fn a_days_work(setting: &Setting, merchant: &Merchant, simulator_url: &str) -> (Seen, Vec<Canary>) {
    let (client, mut seen, mut private) = (client(), Seen::default(), Vec::new());
    private.push(Canary::new("a payer's openid", OPENID));
    let pay = async |code: &str| {
        let request = client.post(format!("{simulator_url}/wallet/pay")).json(&json!({ "code": code }));
        request.send().await.expect("the simulator lives").json::<Value>().await.expect("JSON")
    };
    for (n, method) in ["wechat_native", "alipay_qr"].into_iter().enumerate() {
        let (out, out_refund) = (format!("C-{n}"), format!("R-{n}"));
        let fields = [
            ("out_order_no", out.as_str()),
            ("amount", "1234"),
            ("subject", "tea"),
            ("return_url", "https://shop.example/back"),
            ("extra", "{\"openid\":\"oCANARYopenid6qXf22hE3X68TekukE\"}"),
        ];
        let created = seen.call(merchant, "/api/v1/orders", &fields).await;
        let order = [("order_no", text(&created["order_no"]))];
        let started = seen.call(merchant, "/api/v1/payments", &[order[0], ("method", method)]).await;
        seen.take(client.get(text(&created["checkout_url"])).send().await.expect("page")).await;
        pay(text(&started["next"]["code_url"])).await;
        for _ in 0..300 {
            if seen.call(merchant, "/api/v1/orders/query", &order).await["status"] == "paid" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        seen.call(merchant, "/api/v1/refunds", &[order[0], ("out_refund_no", &out_refund), ("amount", "200")]).await;
        seen.take(client.get(text(&created["checkout_url"])).send().await.expect("page")).await;
        seen.take(client.get(format!("{}/status", text(&created["checkout_url"]))).send().await.expect("status")).await;
        let token = text(&created["checkout_url"]).rsplit('/').next().expect("token");
        private.push(Canary::new("a checkout's token", token));
    }
    // A bar code.
    let issue = client.post(format!("{simulator_url}/wallet/codes")).json(&json!({ "kind": "wechat_v2" })).send().await;
    let issued: Value = issue.expect("the simulator lives").json().await.expect("JSON");
    let auth_code = text(&issued["auth_code"]).to_owned();
    let created = seen.call(merchant, "/api/v1/orders", &[("out_order_no", "B-1"), ("amount", "5"), ("subject", "tea")]).await;
    let bar = [("order_no", text(&created["order_no"])), ("method", "bar"), ("auth_code", auth_code.as_str())];
    seen.call(merchant, "/api/v1/payments", &bar).await;
    private.push(Canary::new("a bar code", &auth_code));
    // Mistakes: wrong signatures, broken bodies, forged notices, unknown pages.
    let mut wrong = merchant.signed(&[("order_no", text(&created["order_no"]))]);
    wrong.insert("sign".to_owned(), "0".repeat(64));
    for body in [serde_json::to_vec(&wrong).expect("JSON"), b"{\"app_id\":".to_vec(), merchant.key.clone().into_bytes()] {
        let answer = merchant.send_raw("/api/v1/orders/query", body).await;
        seen.0.extend_from_slice(answer.text.as_bytes());
    }
    let channels = setting.run(&["channel", "list", "--json"], "");
    for channel in channels.as_array().expect("a list") {
        let url = format!("{}/notify/{}/pay", setting.url, text(&channel["channel_id"]));
        seen.take(client.post(url).body("<xml><a>1</a></xml>").send().await.expect("answer")).await;
        seen.0.extend_from_slice(
            setting.run(&["channel", "check", text(&channel["channel_id"]), "--json"], "").to_string().as_bytes(),
        );
    }
    seen.0.extend_from_slice(channels.to_string().as_bytes());
    seen.0.extend_from_slice(setting.run(&["app", "list", "--json"], "").to_string().as_bytes());
    for path in ["/docs", "/openapi.json", "/metrics", "/readyz", "/nothing", "/admin/login"] {
        seen.take(client.get(format!("{}{path}", setting.url)).send().await.expect("page")).await;
    }
    panel(setting, &client, &mut seen, &mut private).await;
    (seen, private)
}

/// Signs in, once wrongly, and opens every page of the panel.
async fn panel(setting: &Setting, client: &reqwest::Client, seen: &mut Seen, private: &mut Vec<Canary>) {
    let sign_in = async |password: &str| {
        let form = [("name", "canary"), ("password", password), ("next", "")];
        let request = client.post(format!("{}/rpc/admin/sign_in", setting.url)).header("origin", &setting.url);
        request.header("accept", "text/html").form(&form).send().await.expect("answer")
    };
    seen.take(sign_in("canary-wrong-Password-1!").await).await;
    let answer = sign_in(PASSWORD).await;
    let cookie = answer.headers().get("set-cookie").and_then(|v| v.to_str().ok()).expect("a session").to_owned();
    let cookie = cookie.split(';').next().expect("pair").to_owned();
    private.push(Canary::new("a session", cookie.split_once('=').expect("value").1));
    for page in
        ["", "/apps", "/channels", "/orders", "/refunds", "/cases", "/webhooks", "/notices", "/staff", "/audit", "/settings"]
    {
        let request = client.get(format!("{}/admin{page}", setting.url)).header("cookie", &cookie);
        let answer = request.send().await.expect("page");
        let is_page = answer.status().as_u16() == 200;
        let body = seen.take(answer).await;
        assert!(is_page, "/admin{page}: {body}");
        // And what the lists lead to.
        let kind = page.trim_start_matches('/');
        let start = format!("href=\"/admin/{kind}/");
        let details = body.match_indices(&start).take(3);
        for (at, _) in details.filter(|_| !kind.is_empty()) {
            let path: String = body[at + 6..].chars().take_while(|c| *c != '"').collect();
            let path = path.replace("&amp;", "&");
            let answer = client.get(format!("{}{path}", setting.url)).header("cookie", &cookie).send().await.expect("page");
            seen.take(answer).await;
        }
    }
}
