//! Secrets as canaries: after a full day's work at the most talkative log level, none of them stands in the log, in an
//! answer, on a page, or in the database's bytes.

use super::app::client;
use super::merchant::Merchant;
use super::process::Setting;
use super::receiver::Receiver;
use super::wallet::{FACTS, Wallet, extra};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const PASSWORD: &str = "canary-Pässword-7Qx!zeppelin";

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
    // Every kind of channel that is simulated, each with a merchant of its own, since several serve the same methods.
    let mut shops = Vec::new();
    for account in &accounts {
        let kind = text(&account["kind"]);
        let shop = setting.run(&["app", "create", "--name", kind, "--json"], "");
        setting.run(&["app", "set", text(&shop["app_id"]), "--notify-url", &receiver.url, "--json"], "");
        let mut document = account.clone();
        document["app_id"] = shop["app_id"].clone();
        setting.run(&["channel", "import", "-", "--json"], &document.to_string());
        let declaration = setting.run(&["channel", "fields", kind, "--json"], "");
        let secret = declaration["fields"].as_array().expect("fields").iter().filter(|f| f["secret"] == true);
        for name in secret.map(|f| text(&f["name"])).filter(|n| account["credentials"][*n].is_string()) {
            let (about, value) = (format!("{kind} {name}"), text(&account["credentials"][name]));
            canaries.push(if value.contains("-----BEGIN") { Canary::of_pem(&about, value) } else { Canary::new(&about, value) });
        }
        let merchant = Merchant::new(&setting.url, text(&shop["app_id"]), text(&shop["key"]), text(&shop["webhook_secret"]));
        shops.push((merchant, kind.to_owned(), method_of(account).to_owned()));
    }
    assert!(canaries.len() > 4 + accounts.len(), "every kind has a secret");
    let master = std::fs::read(dir.path().join("data/master.key")).expect("the master key");
    let master = String::from_utf8_lossy(&master).trim().to_owned();
    canaries.push(Canary::new("the master key", &master));

    let (seen, private) = a_days_work(&setting, &merchant, &shops, &simulator_url).await;
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

/// A method of the account: a code where there is one.
fn method_of(account: &Value) -> &str {
    let methods: Vec<&str> = account["methods"].as_array().expect("methods").iter().map(text).collect();
    let is_code = |m: &&&str| m.ends_with("_qr") || m.ends_with("_native");
    methods.iter().find(is_code).or(methods.first()).copied().expect("a method")
}

/// Orders, payments by every provider and by bar code, refunds, faults, pages, the panel. Gives what was seen, and what
/// belongs to payers and must not be logged.
async fn a_days_work(
    setting: &Setting,
    merchant: &Merchant,
    shops: &[(Merchant, String, String)],
    simulator_url: &str,
) -> (Seen, Vec<Canary>) {
    let (client, mut seen, mut private) = (client(), Seen::default(), Vec::new());
    let (wallet, extra) = (Wallet::at(simulator_url), extra());
    for (name, value) in FACTS.into_iter().filter(|(name, _)| ["openid", "id_no", "phone"].contains(name)) {
        private.push(Canary::new(&format!("a payer's {name}"), value));
    }
    for (shop, _, method) in shops {
        let fields = [
            ("out_order_no", "C-1"),
            ("amount", "1234"),
            ("subject", "tea"),
            ("return_url", "https://shop.example/back"),
            ("extra", extra.as_str()),
        ];
        let created = seen.call(shop, "/api/v1/orders", &fields).await;
        let order = [("order_no", text(&created["order_no"]))];
        let started = seen.call(shop, "/api/v1/payments", &[order[0], ("method", method)]).await;
        seen.take(client.get(text(&created["checkout_url"])).send().await.expect("page")).await;
        wallet.pay(text(&started["pay_no"]), &started["next"], "ok").await;
        for _ in 0..300 {
            if seen.call(shop, "/api/v1/orders/query", &order).await["status"] == "paid" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(seen.call(shop, "/api/v1/orders/query", &order).await["status"], "paid", "{method}");
        seen.call(shop, "/api/v1/refunds", &[order[0], ("out_refund_no", "R-1"), ("amount", "200")]).await;
        seen.take(client.get(text(&created["checkout_url"])).send().await.expect("page")).await;
        seen.take(client.get(format!("{}/status", text(&created["checkout_url"]))).send().await.expect("status")).await;
        let token = text(&created["checkout_url"]).rsplit('/').next().expect("token");
        private.push(Canary::new("a checkout's token", token));
    }
    // A bar code.
    let auth_code = wallet.bar_code("wechat_v2").await;
    let bar_shop = shops.iter().find(|(_, kind, _)| kind == "wechat_v2").map_or(merchant, |(shop, ..)| shop);
    let created = seen.call(bar_shop, "/api/v1/orders", &[("out_order_no", "B-1"), ("amount", "5"), ("subject", "tea")]).await;
    let bar = [("order_no", text(&created["order_no"])), ("method", "bar"), ("auth_code", auth_code.as_str())];
    seen.call(bar_shop, "/api/v1/payments", &bar).await;
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
