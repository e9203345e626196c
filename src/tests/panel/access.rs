//! Who may do what.

use super::{OTHER_PASSWORD, PASSWORD, Panel, error_of};
use crate::model::Role;
use crate::rpc::session::Need;
use axum::http::{Request, StatusCode, header};
use std::collections::BTreeSet;
use std::path::Path;

/// What each function of the panel asks for. A function that is missing here fails the test that walks them all.
const NEEDS: &[(&str, Need)] = &[
    ("frame", Need::Read),
    ("overview", Need::Read),
    ("settings", Need::Read),
    ("sign_out", Need::Read),
    ("sign_out_everywhere", Need::Read),
    ("change_password", Need::Read),
    ("end_own_session", Need::Read),
    ("end_other_sessions", Need::Read),
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
    ("redelivery", Need::Support),
    ("redeliver_failed", Need::Support),
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
    ("end_session", Need::ManageStaff),
    ("audit", Need::ManageStaff),
];

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
    let console = "/admin/apps/app_01jd3zq8k7m4n5p6q7r8s9t0vw/console";
    for path in ["/admin", "/admin/orders", "/admin/orders.csv", "/admin/staff/new", console] {
        let page = browser.get(path).await;
        assert!(page.status.is_redirection() && page.location.starts_with("/admin/login?next="), "{path}: {page:?}");
    }
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
async fn a_page_that_is_refused_says_why_and_has_the_status_of_its_reason() {
    let panel = Panel::start().await;
    let mut owner = panel.as_role(Role::Owner).await;
    let mut viewer = panel.as_role(Role::Viewer).await;
    let filtered = owner.get("/admin/orders?from=yesterday").await;
    let unknown = owner.get("/admin/orders/01JD3ZQ8K7M4N5P6Q7R8S9T0VW").await;
    let forbidden = viewer.get("/admin/staff").await;
    for (page, status, title, clears) in [
        (filtered, StatusCode::BAD_REQUEST, "This cannot be shown", true),
        (unknown, StatusCode::NOT_FOUND, "Not found", false),
        (forbidden, StatusCode::FORBIDDEN, "Not allowed", false),
    ] {
        assert_eq!(page.status, status, "{title}");
        assert!(page.body.contains(&format!("{title}</title>")), "{}", page.body);
        assert_eq!(page.body.contains("Clear filters"), clears, "{}", page.body);
        assert_eq!(page.body.contains("From: must be a day such as 2026-11-25"), clears, "{}", page.body);
    }
}
