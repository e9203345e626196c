//! Webhooks that failed: sent again by a form, and what is told of receivers that take nothing.

use super::{Panel, encoded, error_of};
use crate::model::WebhookStatus::{self, Delivered, Failed, Pending};
use crate::model::{AppId, Role};
use crate::pay::Event;
use crate::pay::store::Write;
use crate::storage::testing::event;
use axum::http::{Request, StatusCode, header};

/// 2023-11-14 22:13 UTC: in China it is the 15th already.
const AT: i64 = 1_700_000_000_000;
const DAY_MS: i64 = 86_400_000;

async fn store(panel: &Panel, events: &[Event]) {
    let writes = events.iter().map(|e| Write::InsertEvent(Box::new(e.clone()))).collect();
    panel.cashier.store().commit(writes).await.unwrap();
}

async fn app_with(panel: &Panel, events: &[(i64, WebhookStatus)]) -> (AppId, Vec<Event>) {
    let app_id = panel.cashier.create_app("Acme", "cli").await.unwrap().app.app_id;
    let events: Vec<Event> = events.iter().map(|(at, status)| event(&app_id, *at, *status)).collect();
    store(panel, &events).await;
    (app_id, events)
}

async fn statuses(panel: &Panel, events: &[Event]) -> Vec<WebhookStatus> {
    let mut statuses = Vec::new();
    for event in events {
        statuses.push(panel.cashier.store().event(&event.event_id).await.unwrap().unwrap().status);
    }
    statuses
}

#[tokio::test]
async fn failed_webhooks_of_some_days_are_sent_again_by_a_form() {
    let panel = Panel::start().await;
    let (app_id, events) = app_with(&panel, &[(AT, Failed), (AT + DAY_MS, Failed)]).await;
    let mut browser = panel.as_role(Role::Support).await;
    assert!(browser.get("/admin/webhooks").await.body.contains("href=\"/admin/webhooks/redeliver\""));
    let empty = browser.get("/admin/webhooks/redeliver").await.body;
    assert!(empty.contains("name=\"from\"") && empty.contains("name=\"to\"") && !empty.contains("redeliver_failed"), "{empty}");

    let days = format!("/admin/webhooks/redeliver?app={app_id}&from=2023-11-15&to=2023-11-15");
    let asked = browser.get(&days).await.body;
    for part in ["data-testid=\"count\">1<", "Acme", "Send 1 again", "action=\"/rpc/admin/redeliver_failed\""] {
        assert!(asked.contains(part), "{part}: {asked}");
    }
    assert_eq!(statuses(&panel, &events).await, [Failed, Failed], "asking sends nothing");
    let fields = [("app", app_id.as_str()), ("from", "2023-11-15"), ("to", "2023-11-15")];
    let sent = browser.post("redeliver_failed", &fields).await;
    assert_eq!(sent.location, format!("{days}&sent=1"));
    assert_eq!(statuses(&panel, &events).await, [Pending, Failed]);
    let done = browser.get(&sent.location).await.body;
    assert!(done.contains("1 webhook is being sent again.") && !done.contains("redeliver_failed"), "{done}");

    // In New York it was the 14th.
    let session = browser.cookie.clone().unwrap();
    browser.cookie = Some(format!("{session}; zone=-300"));
    let fields = [("app", ""), ("from", "2023-11-14"), ("to", "2023-11-15")];
    assert!(browser.post("redeliver_failed", &fields).await.location.ends_with("&sent=1"));
    assert_eq!(statuses(&panel, &events).await, [Pending, Pending]);
}

#[tokio::test]
async fn days_that_cannot_be_meant_are_refused_with_field_and_rule() {
    let panel = Panel::start().await;
    let mut browser = panel.as_role(Role::Support).await;
    for (app, from, to, field, told) in [
        ("", "", "2023-11-15", "from", "From: is required"),
        ("", "2023-11-15", "", "to", "To: is required"),
        ("", "yesterday", "2023-11-15", "from", "From: must be a day such as 2026-11-25"),
        ("", "2023-11-15", "2023-02-30", "to", "To: must be a day such as 2026-11-25"),
        ("", "2023-11-16", "2023-11-15", "to", "To: must not be before the first day"),
        ("nobody", "2023-11-15", "2023-11-15", "app", "App: is not known"),
    ] {
        let failed = browser.post("redeliver_failed", &[("app", app), ("from", from), ("to", to)]).await;
        assert!(error_of(&failed).contains(&format!("\"{field}\"")), "{told}: {failed:?}");
        let page = browser.get(&format!("/admin/webhooks/redeliver?app={app}&from={from}&to={to}")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains(told) && page.body.contains(&format!("id=\"{field}-error\"")), "{told}: {}", page.body);
    }
}

#[tokio::test]
async fn who_only_reads_and_other_sites_send_nothing_again() {
    let panel = Panel::start().await;
    let (_, events) = app_with(&panel, &[(AT, Failed)]).await;
    let fields = [("app", ""), ("from", "2023-11-15"), ("to", "2023-11-15")];
    let mut viewer = panel.as_role(Role::Viewer).await;
    assert!(!viewer.get("/admin/webhooks").await.body.contains("/admin/webhooks/redeliver"));
    assert_eq!(viewer.get("/admin/webhooks/redeliver").await.status, StatusCode::FORBIDDEN);
    assert!(error_of(&viewer.post("redeliver_failed", &fields).await).contains("forbidden"));
    let mut support = panel.as_role(Role::Support).await;
    let request = Request::post("/rpc/admin/redeliver_failed")
        .header(header::ORIGIN, "https://evil.example")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    assert_eq!(support.send(request, encoded(&fields)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(statuses(&panel, &events).await, [Failed]);
}

#[tokio::test]
async fn a_receiver_that_takes_nothing_is_told_of_until_it_takes_something() {
    let panel = Panel::start().await;
    let now = panel.cashier.world().now_ms();
    let (app_id, _) = app_with(&panel, &[(now - 6 * DAY_MS, Failed), (now - 4 * DAY_MS, Failed)]).await;
    let mut browser = panel.as_role(Role::Viewer).await;
    for path in ["/admin", "/admin/webhooks"] {
        let body = browser.get(path).await.body;
        let note = body.split("data-testid=\"failing\"").nth(1).unwrap_or_else(|| panic!("{path}: {body}"));
        let note = note.split("</section>").next().unwrap();
        for part in ["Acme", &format!("/admin/apps/{app_id}"), "https://shop.example<", "status=failed", "<time"] {
            assert!(note.contains(part), "{path}, {part}: {note}");
        }
    }
    store(&panel, &[event(&app_id, now - 1, Delivered)]).await;
    for path in ["/admin", "/admin/webhooks"] {
        assert!(!browser.get(path).await.body.contains("data-testid=\"failing\""), "{path}");
    }
}
