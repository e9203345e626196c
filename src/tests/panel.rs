//! The panel over HTTP: who gets in, who may do what, and what never leaves.

use crate::cli::Backend;
use crate::config::Config;
use crate::model::{ChannelKind, Role, StaffId};
use crate::pay::{Cashier, ChannelInput, Clock, Secret, World};
use crate::rpc::session::Need;
use crate::storage::Sessions;
use crate::web::limits::Limiters;
use crate::web::{AppState, Health, WebSettings, router};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use leptos::config::LeptosOptions;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tempfile::TempDir;
use tower::ServiceExt;

const ORIGIN: &str = "http://127.0.0.1:3000";
const PASSWORD: &str = "violet kettles never whistle";
const OTHER_PASSWORD: &str = "green windows open at noon";

/// What each function of the panel asks for. A function that is missing here fails the test that walks them all.
const NEEDS: &[(&str, Need)] = &[
    ("frame", Need::Read),
    ("overview", Need::Read),
    ("settings", Need::Read),
    ("sign_out", Need::Read),
    ("sign_out_everywhere", Need::Read),
    ("change_password", Need::Read),
    ("set_zone", Need::Read),
    ("orders", Need::Read),
    ("order", Need::Read),
    ("close_order", Need::MoveMoney),
    ("sync_order", Need::Support),
    ("refunds", Need::Read),
    ("refund", Need::Read),
    ("refund_form", Need::MoveMoney),
    ("create_refund", Need::MoveMoney),
    ("refund_audit", Need::Read),
    ("decide_refund", Need::MoveMoney),
    ("till", Need::MoveMoney),
    ("charge", Need::MoveMoney),
    ("till_charge", Need::MoveMoney),
    ("cases", Need::Read),
    ("case", Need::Read),
    ("answer_case", Need::MoveMoney),
    ("events", Need::Read),
    ("event", Need::Read),
    ("redeliver", Need::Support),
    ("notices", Need::Read),
    ("notice", Need::Read),
    ("apps", Need::Read),
    ("app", Need::Read),
    ("create_app", Need::Configure),
    ("save_app", Need::Configure),
    ("rotate_key", Need::Configure),
    ("set_merchant_key", Need::Configure),
    ("fresh_keys", Need::Configure),
    ("console", Need::Configure),
    ("channels", Need::Read),
    ("channel", Need::Read),
    ("channel_form", Need::Configure),
    ("create_channel", Need::Configure),
    ("save_channel", Need::Configure),
    ("check_channel", Need::Configure),
    ("set_offer", Need::Configure),
    ("staff", Need::ManageStaff),
    ("person", Need::ManageStaff),
    ("create_staff", Need::ManageStaff),
    ("set_staff", Need::ManageStaff),
    ("reset_password", Need::ManageStaff),
    ("audit", Need::ManageStaff),
];

/// A clock that moves when told.
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

struct Panel {
    router: Router,
    cashier: Cashier,
    clock: Arc<Hands>,
    dir: TempDir,
}

impl Panel {
    async fn start() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let dir = tempfile::tempdir().unwrap();
        let config = Config::with(&[("data_dir", dir.path().to_str().unwrap())]).unwrap();
        let clock = Arc::new(Hands(AtomicI64::new(World::system().now_ms())));
        let world = World { clock: clock.clone(), chance: World::system().chance };
        let backend = Backend::open_in(&config, ORIGIN.to_owned(), world).await.unwrap();
        let leptos = LeptosOptions::builder().output_name("cashier").site_root("target/site").site_pkg_dir("pkg").build();
        let web = WebSettings {
            public_url: ORIGIN.to_owned(),
            trusted_proxies: Vec::new(),
            metrics_from: Vec::new(),
            demo_wallet: None,
        };
        let state = AppState::new(backend.cashier.clone(), leptos, web, Limiters::new(&config.limits), Health::new());
        let router = router::router(state, Sessions::new(backend.database.clone()), Router::new());
        Self { router, cashier: backend.cashier, clock, dir }
    }

    fn later(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    async fn staff(&self, name: &str, role: Role) -> StaffId {
        self.cashier.create_staff(name, role, Secret::new(PASSWORD.to_owned()), "cli").await.unwrap().staff_id
    }

    fn browser(&self) -> Browser<'_> {
        Browser { panel: self, cookie: None }
    }

    /// Somebody of this role, signed in.
    async fn as_role(&self, role: Role) -> Browser<'_> {
        self.staff(role.as_str(), role).await;
        let mut browser = self.browser();
        let answer = browser.sign_in(role.as_str(), PASSWORD).await;
        assert_eq!(answer.location, "/admin");
        browser
    }
}

struct Browser<'a> {
    panel: &'a Panel,
    cookie: Option<String>,
}

#[derive(Debug)]
struct Page {
    status: StatusCode,
    location: String,
    body: String,
}

impl Browser<'_> {
    async fn send(&mut self, request: axum::http::request::Builder, body: String) -> Page {
        let request = match &self.cookie {
            Some(cookie) => request.header(header::COOKIE, cookie),
            None => request,
        };
        let answer = self.panel.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        for line in answer.headers().get_all(header::SET_COOKIE) {
            let pair = line.to_str().unwrap().split(';').next().unwrap();
            if pair.starts_with("cashier=") {
                self.cookie = Some(pair.to_owned()).filter(|p| p != "cashier=");
            }
        }
        let location = answer.headers().get(header::LOCATION).map(|l| l.to_str().unwrap().to_owned()).unwrap_or_default();
        let status = answer.status();
        let bytes = axum::body::to_bytes(answer.into_body(), 4 << 20).await.unwrap();
        Page { status, location, body: String::from_utf8_lossy(&bytes).into_owned() }
    }

    async fn get(&mut self, path: &str) -> Page {
        let request = Request::get(path).header(header::ACCEPT, "text/html").header(header::ACCEPT_LANGUAGE, "en");
        self.send(request, String::new()).await
    }

    /// A form as a browser without scripts sends it.
    async fn post(&mut self, function: &str, fields: &[(&str, &str)]) -> Page {
        let request = Request::post(format!("/rpc/admin/{function}"))
            .header(header::ACCEPT, "text/html")
            .header(header::ORIGIN, ORIGIN)
            .header(header::REFERER, format!("{ORIGIN}/admin/here"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, encoded(fields)).await
    }

    /// A call as a program makes it: the error is the answer's body.
    async fn call(&mut self, path: &str) -> Page {
        let request = Request::post(path)
            .header(header::ACCEPT, "application/json")
            .header(header::ORIGIN, ORIGIN)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, String::new()).await
    }

    async fn sign_in(&mut self, name: &str, password: &str) -> Page {
        self.post("sign_in", &[("name", name), ("password", password)]).await
    }

    async fn is_in(&mut self) -> bool {
        self.get("/admin/settings").await.status == StatusCode::OK
    }
}

fn encoded(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// The error that a failed form brings back in the address.
fn error_of(page: &Page) -> String {
    use base64::Engine;
    let query = page.location.split_once('?').map(|(_, q)| q).unwrap_or_default();
    let error = form_urlencoded::parse(query.as_bytes()).find(|(k, _)| k == "__err").map(|(_, v)| v.into_owned());
    let bytes = base64::engine::general_purpose::URL_SAFE.decode(error.unwrap_or_default()).unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

fn panel_functions() -> BTreeSet<String> {
    leptos::server_fn::axum::server_fn_paths()
        .filter_map(|(path, _)| path.strip_prefix("/rpc/admin/").map(str::to_owned))
        .collect()
}

#[test]
fn every_function_has_its_need_in_the_table() {
    let mut listed: BTreeSet<String> = NEEDS.iter().map(|(name, _)| (*name).to_owned()).collect();
    listed.insert("sign_in".to_owned());
    assert_eq!(panel_functions(), listed);
}

/// Two functions of one path collapse without a word; one of them would be gone.
#[test]
fn no_endpoint_is_used_twice() {
    let mut seen = BTreeSet::new();
    let mut count = 0;
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rpc")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for line in text.lines().filter(|l| l.trim_start().starts_with("#[server(prefix")) {
            count += 1;
            assert!(line.contains("endpoint = "), "an endpoint that depends on the build: {line}");
            assert!(seen.insert(line.trim().to_owned()), "twice: {line}");
        }
    }
    assert!(count > NEEDS.len(), "the scan finds the functions");
}

#[tokio::test]
async fn strangers_get_nothing() {
    let panel = Panel::start().await;
    let mut browser = panel.browser();
    for (name, _) in NEEDS {
        let answer = browser.call(&format!("/rpc/admin/{name}")).await;
        assert!(answer.body.contains("\"unauthenticated\""), "{name}: {}", answer.body);
        assert!(browser.cookie.is_none(), "{name} gives a stranger a session");
    }
    for path in ["/admin", "/admin/orders", "/admin/staff/new", "/admin/apps/app_01jd3zq8k7m4n5p6q7r8s9t0vw/console"] {
        let page = browser.get(path).await;
        assert!(page.status.is_redirection() && page.location.starts_with("/admin/login?next="), "{path}: {page:?}");
    }
    assert_eq!(browser.get("/admin/orders.csv").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn each_role_may_do_what_the_table_says() {
    let panel = Panel::start().await;
    for role in Role::ALL {
        let mut browser = panel.as_role(*role).await;
        for (name, need) in NEEDS.iter().filter(|(name, _)| !name.starts_with("sign_out")) {
            let answer = browser.call(&format!("/rpc/admin/{name}")).await;
            assert!(!answer.body.contains("\"unauthenticated\""), "{role} {name}");
            // `reset_password` refuses nobody's id as not found, so "forbidden" is the role's answer only.
            assert_eq!(answer.body.contains("\"forbidden\""), !need.met_by(*role), "{role} {name}: {}", answer.body);
        }
        let export = browser.get("/admin/orders.csv").await.status;
        assert_eq!(export == StatusCode::OK, Need::MoveMoney.met_by(*role), "{role}");
    }
}

#[tokio::test]
async fn an_unknown_name_and_a_wrong_password_sound_the_same() {
    let panel = Panel::start().await;
    panel.staff("li", Role::Viewer).await;
    let mut browser = panel.browser();
    let wrong = browser.sign_in("li", "not the right one").await;
    let unknown = browser.sign_in("nobody", "not the right one").await;
    assert_eq!((wrong.status, &wrong.location), (unknown.status, &unknown.location));
    assert!(error_of(&wrong).contains("\"login\""), "{wrong:?}");
    assert!(browser.cookie.is_none());
}

#[tokio::test]
async fn guessing_locks_an_account_for_longer_each_time_and_never_for_good() {
    let panel = Panel::start().await;
    panel.staff("li", Role::Viewer).await;
    let mut browser = panel.browser();
    for _ in 0..5 {
        browser.sign_in("li", "not the right one").await;
    }
    let locked = browser.sign_in("li", PASSWORD).await;
    assert!(error_of(&locked).contains("too_many"), "even the right password waits: {locked:?}");
    panel.later(2);
    browser.sign_in("li", "not the right one").await;
    panel.later(1);
    assert!(error_of(&browser.sign_in("li", PASSWORD).await).contains("too_many"), "the second lock is longer");
    panel.later(2);
    assert_eq!(browser.sign_in("li", PASSWORD).await.location, "/admin");
    let staff = panel.cashier.store().staff_by_name("li").await.unwrap().unwrap();
    assert_eq!((staff.failed_logins, staff.locked_until), (0, 0));
}

#[tokio::test]
async fn a_name_that_nobody_has_locks_alike() {
    let panel = Panel::start().await;
    panel.staff("li", Role::Viewer).await;
    let mut browser = panel.browser();
    let mut errors = Vec::new();
    for name in ["li", "nobody"] {
        for _ in 0..5 {
            browser.sign_in(name, "not the right one").await;
        }
        errors.push(error_of(&browser.sign_in(name, "not the right one").await));
    }
    assert!(errors[0].contains("too_many"));
    assert_eq!(errors[0], errors[1]);
}

#[tokio::test]
async fn an_address_that_fails_too_often_waits() {
    let panel = Panel::start().await;
    panel.staff("li", Role::Viewer).await;
    let mut browser = panel.browser();
    for i in 0..20 {
        browser.sign_in(&format!("guess{i}"), "not the right one").await;
    }
    assert!(error_of(&browser.sign_in("li", PASSWORD).await).contains("too_many"));
    panel.later(16 * 60);
    assert_eq!(browser.sign_in("li", PASSWORD).await.location, "/admin");
}

#[tokio::test]
async fn a_session_id_from_before_signing_in_is_worth_nothing() {
    let panel = Panel::start().await;
    panel.staff("li", Role::Viewer).await;
    let mut browser = panel.browser();
    browser.sign_in("li", PASSWORD).await;
    let first = browser.cookie.clone().unwrap();
    browser.sign_in("li", PASSWORD).await;
    let second = browser.cookie.clone().unwrap();
    assert_ne!(first, second);
    assert!(browser.is_in().await);
    assert!(!Browser { panel: &panel, cookie: Some(first) }.is_in().await, "the old id is dead");
    let planted = Some("cashier=AAAAAAAAAAAAAAAAAAAAAA".to_owned());
    let mut victim = Browser { panel: &panel, cookie: planted.clone() };
    victim.sign_in("li", PASSWORD).await;
    assert_ne!(victim.cookie, planted);
    assert!(!Browser { panel: &panel, cookie: planted }.is_in().await);
}

#[tokio::test]
async fn signing_out_ends_the_session_for_whoever_kept_the_cookie() {
    let panel = Panel::start().await;
    let mut browser = panel.as_role(Role::Viewer).await;
    let cookie = browser.cookie.clone();
    assert!(browser.is_in().await);
    browser.post("sign_out", &[]).await;
    assert!(!Browser { panel: &panel, cookie }.is_in().await);
}

#[tokio::test]
async fn signing_out_everywhere_ends_the_other_devices_too() {
    let panel = Panel::start().await;
    let mut browser = panel.as_role(Role::Viewer).await;
    let mut phone = panel.browser();
    phone.sign_in("viewer", PASSWORD).await;
    assert!(browser.is_in().await && phone.is_in().await);
    phone.post("sign_out_everywhere", &[]).await;
    assert!(!browser.is_in().await && !phone.is_in().await);
}

#[tokio::test]
async fn an_idle_session_ends() {
    let panel = Panel::start().await;
    let mut browser = panel.as_role(Role::Viewer).await;
    panel.later(29 * 60);
    assert!(browser.is_in().await);
    panel.later(31 * 60);
    assert!(!browser.is_in().await);
}

#[tokio::test]
async fn a_change_of_password_role_or_access_ends_all_sessions() {
    let panel = Panel::start().await;
    let owner = panel.staff("owner", Role::Owner).await;
    let person = panel.staff("li", Role::Support).await;
    let by = owner.as_str();
    let mut password = PASSWORD;
    for step in 0..3 {
        let mut browser = panel.browser();
        browser.sign_in("li", password).await;
        assert!(browser.is_in().await, "step {step}");
        match step {
            0 => {
                let fields = [("current", PASSWORD), ("password", OTHER_PASSWORD), ("repeat", OTHER_PASSWORD)];
                assert_eq!(browser.clone_of().post("change_password", &fields).await.location, "/admin/login?done=password");
                password = OTHER_PASSWORD;
            }
            1 => drop(panel.cashier.set_staff(&person, Some(Role::Finance), None, by).await.unwrap()),
            _ => drop(panel.cashier.set_staff(&person, None, Some(false), by).await.unwrap()),
        }
        assert!(!browser.is_in().await, "step {step}");
    }
    let mut browser = panel.browser();
    assert!(error_of(&browser.sign_in("li", password).await).contains("login"), "disabled people do not get in");
}

impl<'a> Browser<'a> {
    /// Another tab.
    fn clone_of(&self) -> Browser<'a> {
        Browser { panel: self.panel, cookie: self.cookie.clone() }
    }
}

#[tokio::test]
async fn nobody_rises_above_themselves_and_the_last_owner_stays() {
    let panel = Panel::start().await;
    let owner = panel.staff("owner", Role::Owner).await;
    panel.staff("boss", Role::Admin).await;
    let mut admin = panel.browser();
    admin.sign_in("boss", PASSWORD).await;
    let fields = [("name", "friend"), ("role", "owner"), ("password", OTHER_PASSWORD)];
    assert!(error_of(&admin.post("create_staff", &fields).await).contains("forbidden"));
    let demote = [("staff_id", owner.as_str()), ("role", "viewer"), ("enabled", "true")];
    assert!(error_of(&admin.post("set_staff", &demote).await).contains("forbidden"));
    let reset = [("staff_id", owner.as_str()), ("password", OTHER_PASSWORD)];
    assert!(error_of(&admin.post("reset_password", &reset).await).contains("forbidden"));
    let mut first = panel.browser();
    first.sign_in("owner", PASSWORD).await;
    assert!(error_of(&first.post("set_staff", &demote).await).contains("conflict"));
    assert!(first.is_in().await);
}

#[tokio::test]
async fn another_site_cannot_send_the_panels_forms() {
    let panel = Panel::start().await;
    let mut browser = panel.as_role(Role::Owner).await;
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        let request = Request::post("/rpc/admin/create_app").header(name, value).header(header::CONTENT_TYPE, "text/plain");
        assert_eq!(browser.send(request, "name=Evil".to_owned()).await.status, StatusCode::FORBIDDEN, "{name}");
    }
    assert!(panel.cashier.store().apps().await.unwrap().is_empty());
}

#[tokio::test]
async fn secrets_are_shown_once_and_stand_nowhere_in_the_open() {
    let panel = Panel::start().await;
    let mut browser = panel.as_role(Role::Owner).await;
    let key = "k3y0fTheWechatAccount0123456789A";
    let text = |v: &str| Secret::new(v.to_owned());
    let input = ChannelInput {
        kind: ChannelKind::WechatV2,
        name: "WeChat".to_owned(),
        app_id: None,
        gateway_url: None,
        ca_pem: None,
        methods: None,
        credentials: [("appid", "wx0123456789abcdef"), ("mch_id", "1900000001"), ("key", key), ("sign_type", "MD5")]
            .map(|(name, value)| (name.to_owned(), text(value)))
            .into(),
        priority: None,
        rules: None,
    };
    let channel = panel.cashier.import_channel(input, "cli").await.unwrap();

    let made = browser.post("create_app", &[("name", "Acme")]).await;
    assert!(made.location.ends_with("/keys"), "{made:?}");
    let app = panel.cashier.store().apps().await.unwrap().remove(0);
    let stored = panel.cashier.store().app_keys(&app.app_id, panel.cashier.world().now_ms()).await.unwrap();
    let mut secrets: Vec<String> = stored.iter().map(|k| k.value.expose().clone()).collect();
    assert_eq!(secrets.len(), 2);
    let on_disk = || -> Vec<u8> {
        let files = std::fs::read_dir(panel.dir.path()).unwrap().map(|f| f.unwrap().path()).filter(|p| p.is_file());
        files.flat_map(|p| std::fs::read(p).unwrap()).collect()
    };
    let holds = |bytes: &[u8], secret: &str| bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
    let waiting = on_disk();
    assert!(holds(&waiting, "Acme"), "the search works");
    assert!(secrets.iter().all(|s| !holds(&waiting, s)), "a secret waits in the open");

    let shown = browser.get(&made.location).await;
    assert!(secrets.iter().all(|s| shown.body.contains(s)), "both are shown");
    secrets.push(key.to_owned());
    secrets.push("$argon2id$".to_owned());
    let base = format!("/admin/apps/{}", app.app_id);
    for path in [
        made.location.clone(),
        base.clone(),
        format!("{base}/console"),
        format!("{base}/rotate/api"),
        format!("/admin/channels/{}", channel.channel_id),
        "/admin/channels".to_owned(),
        "/admin/staff".to_owned(),
        "/admin/audit".to_owned(),
    ] {
        let page = browser.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        for secret in &secrets {
            assert!(!page.body.contains(secret.as_str()), "{path} shows a secret");
        }
    }
    let page = browser.get(&format!("/admin/channels/{}", channel.channel_id)).await;
    assert!(page.body.contains("…789A"), "the hint is there");
}

#[tokio::test]
async fn a_form_that_fails_comes_back_with_the_field_and_the_rule() {
    let panel = Panel::start().await;
    let mut browser = panel.as_role(Role::Owner).await;
    let failed = browser.post("create_app", &[("name", "")]).await;
    let query = failed.location.split_once('?').unwrap().1.to_owned();
    let page = browser.get(&format!("/admin/apps/new?{query}")).await;
    assert!(page.body.contains("field-error") && page.body.contains("is required"), "{}", page.body);
    // What stands in the address is anybody's: it is shown as text.
    use base64::Engine;
    let evil = r#"{"code":"conflict","reason":"<script>alert(1)</script>"}"#;
    let error = base64::engine::general_purpose::URL_SAFE.encode(evil);
    let page = browser.get(&format!("/admin/apps/new?__path=%2Frpc%2Fadmin%2Fcreate_app&__err={error}")).await;
    assert!(!page.body.contains("<script>alert"), "markup from the address");
}

#[tokio::test]
async fn a_form_that_fails_keeps_what_was_typed_but_no_secret() {
    let panel = Panel::start().await;
    let mut browser = panel.as_role(Role::Owner).await;
    let query = |page: &Page| page.location.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default();
    let key = "typed-secret-0123456789abcdef0123";
    let fields = [
        ("kind", "wechat_v2"),
        ("name", "WeChat of the teahouse"),
        ("priority", "7"),
        ("weight", "1001"),
        ("min_amount", "0.10"),
        ("methods[]", "wechat_native"),
        ("credentials[appid]", "wxtyped0123456789"),
        ("credentials[key]", key),
        ("credentials[invented]", "who knows"),
    ];
    let failed = browser.post("create_channel", &fields).await;
    assert!(error_of(&failed).contains("\"weight\""), "{failed:?}");
    assert!(!failed.location.contains("teahouse"), "the address carries the error only");
    let page = browser.get(&format!("/admin/channels/new/wechat_v2?{}", query(&failed))).await;
    for kept in ["WeChat of the teahouse", "value=\"7\"", "value=\"1001\"", "value=\"0.10\"", "wxtyped0123456789"] {
        assert!(page.body.contains(kept), "{kept}: {}", page.body);
    }
    let switch = |method: &str| {
        let rest = page.body.split(&format!("value=\"{method}\"")).nth(1).expect("the switch");
        rest.split('>').next().expect("its end").contains("checked")
    };
    assert!(switch("wechat_native") && !switch("wechat_h5"), "{}", page.body);
    assert!(!page.body.contains(key) && !page.body.contains("who knows"));
    let on_disk: Vec<Vec<u8>> =
        std::fs::read_dir(panel.dir.path()).unwrap().filter_map(|f| std::fs::read(f.unwrap().path()).ok()).collect();
    assert!(!on_disk.iter().any(|file| file.windows(key.len()).any(|w| w == key.as_bytes())), "a secret waits in the session");
    // Another form, and the same form without a failure, know nothing of it.
    assert!(!browser.get("/admin/channels/new/wechat_v2").await.body.contains("teahouse"));
    assert!(!browser.get(&format!("/admin/apps/new?{}", query(&failed))).await.body.contains("teahouse"));
    // Somebody else's session neither.
    panel.staff("li", Role::Owner).await;
    let mut other = panel.browser();
    other.sign_in("li", PASSWORD).await;
    let page = other.get(&format!("/admin/channels/new/wechat_v2?{}", query(&failed))).await;
    assert!(page.status == StatusCode::OK && !page.body.contains("teahouse"));

    let fields = [("name", "li2"), ("role", "finance"), ("password", "short")];
    let failed = browser.post("create_staff", &fields).await;
    let page = browser.get(&format!("/admin/staff/new?{}", query(&failed))).await;
    assert!(page.body.contains("value=\"li2\"") && !page.body.contains("value=\"short\""), "{}", page.body);
    let chosen = page.body.split("value=\"finance\"").nth(1).and_then(|rest| rest.split('>').next());
    assert!(chosen.is_some_and(|rest| rest.contains("selected")), "{}", page.body);
}

#[tokio::test]
async fn what_staff_change_stands_in_the_audit_log() {
    let panel = Panel::start().await;
    let mut browser = panel.as_role(Role::Owner).await;
    browser.post("create_app", &[("name", "Acme")]).await;
    let app = panel.cashier.store().apps().await.unwrap().remove(0);
    let fields = [
        ("app_id", app.app_id.as_str()),
        ("name", "Acme 2"),
        ("enabled", "true"),
        ("expires_in", "900"),
        ("late_rule", "ask"),
        ("duplicate_rule", "refund"),
        ("return_sign_type", "RSA2"),
    ];
    assert_eq!(browser.post("save_app", &fields).await.location, format!("/admin/apps/{}?done=saved", app.app_id));
    let page = browser.get("/admin/audit").await;
    for word in ["app.create", "app.update", "staff.sign_in", "Acme 2"] {
        assert!(page.body.contains(word), "{word}");
    }
    let entries = panel.cashier.store().audit(&crate::pay::store::PageRequest { limit: 50, ..Default::default() }).await.unwrap();
    let update = entries.items.iter().find(|e| e.action == "app.update").unwrap();
    assert!(update.before.as_deref().unwrap().contains("7200") && update.after.as_deref().unwrap().contains("900"));
    panel.cashier.store().verify_audit().await.unwrap();
}

/// A question of a provider about money of a payment that is not ours.
async fn asked_about_a_refund(panel: &Panel) -> String {
    let audit = crate::pay::RefundAudit {
        audit_id: panel.cashier.world().number(),
        channel_id: crate::model::ChannelId::parse(&panel.cashier.world().id("ch")).unwrap(),
        provider_refund_no: "152713835".to_owned(),
        pay_no: "01JD3ZQ8K7M4N5P6Q7R8S9T0VW".to_owned(),
        order_no: None,
        app_id: None,
        asked_at: panel.cashier.world().now_ms(),
        amount: crate::model::Amount::ZERO,
        decision: None,
        refund_no: None,
        decided_by: None,
        decided_at: None,
    };
    let id = audit.audit_id.clone();
    panel.cashier.store().commit(vec![crate::pay::store::Write::InsertRefundAudit(Box::new(audit))]).await.unwrap();
    id
}

#[tokio::test]
async fn staff_decides_once_about_a_refund_that_a_provider_asks_about() {
    let panel = Panel::start().await;
    let id = asked_about_a_refund(&panel).await;
    let path = format!("/admin/refunds/audits/{id}");
    let mut viewer = panel.as_role(Role::Viewer).await;
    assert!(viewer.get("/admin/refunds").await.body.contains(&path), "what waits stands on the refunds page");
    assert!(!viewer.get(&path).await.body.contains("verdict-reject"));
    let mut finance = panel.as_role(Role::Finance).await;
    let page = finance.get(&path).await;
    assert!(page.body.contains("verdict-reject") && !page.body.contains("verdict-approve"), "{}", page.body);
    let fields = [("audit_id", id.as_str()), ("decision", "reject")];
    assert_eq!(finance.post("decide_refund", &fields).await.location, format!("{path}?done=decided"));
    assert!(error_of(&finance.post("decide_refund", &fields).await).contains("decided already"));
    assert!(finance.get(&path).await.body.contains("data-status=\"reject\""));
    assert!(!finance.get("/admin/refunds").await.body.contains(&path));
    let entries = panel.cashier.store().audit(&crate::pay::store::PageRequest { limit: 50, ..Default::default() }).await.unwrap();
    let entry = entries.items.iter().find(|e| e.action == "refund.audit").unwrap();
    assert!(entry.object == id && entry.after.as_deref().unwrap().contains("reject"));
    assert_eq!(finance.get("/admin/refunds/audits/nothing").await.status, StatusCode::NOT_FOUND);
}
