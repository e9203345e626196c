//! The orders as a file: what it holds, and what those are told who do not get it.

use super::Panel;
use crate::model::{OrderNo, Role};
use crate::pay::Order;
use crate::pay::store::Write;
use crate::storage::testing::order;
use axum::http::{Request, StatusCode, header};
use std::sync::atomic::Ordering;

#[tokio::test]
async fn the_export_has_the_orders_of_the_persons_own_day() {
    let panel = Panel::start().await;
    let app = panel.cashier.create_app("Acme", "cli").await.unwrap().app;
    // 2023-11-14 22:13 UTC: in China it is the 15th already.
    let now = panel.clock.0.swap(1_700_000_000_000, Ordering::SeqCst);
    let world = panel.cashier.world();
    let order_no = OrderNo::parse(&world.number()).unwrap();
    let order = Order { order_no: order_no.clone(), created_at: world.now_ms(), ..order(&app.app_id, 100) };
    panel.cashier.store().commit(vec![Write::InsertOrder(Box::new(order))]).await.unwrap();
    panel.clock.0.store(now, Ordering::SeqCst);

    let mut browser = panel.as_role(Role::Finance).await;
    let session = browser.cookie.clone().unwrap();
    for (zone, day) in [("; zone=-300", "2023-11-14"), ("; zone=480", "2023-11-15"), ("", "2023-11-15")] {
        for asked in ["2023-11-14", "2023-11-15"] {
            browser.cookie = Some(format!("{session}{zone}"));
            let answer = browser.get(&format!("/admin/orders.csv?from={asked}&to={asked}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
            assert_eq!(answer.body.contains(order_no.as_str()), asked == day, "{zone} {asked}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn a_person_is_told_on_a_page_and_a_script_in_a_sentence() {
    let panel = Panel::start().await;
    let (mut viewer, mut finance) = (panel.as_role(Role::Viewer).await, panel.as_role(Role::Finance).await);
    let day = "from: must be a day such as 2026-11-25";
    let (forbidden, bad) = (StatusCode::FORBIDDEN, StatusCode::BAD_REQUEST);
    for (browser, query, status, sentence, zh, en) in [
        (&mut viewer, "x=1", forbidden, "your role does not allow this", "您的角色没有此权限", "Your role does not allow this"),
        (&mut finance, "from=yesterday", bad, day, "从：需要 2026-11-25 这样的日期", "From: must be a day"),
    ] {
        let path = format!("/admin/orders.csv?{query}");
        let request = Request::get(&path).header(header::ACCEPT, "*/*");
        let told = browser.send(request, String::new()).await;
        assert_eq!((told.status, told.body.as_str()), (status, sentence), "{path}");
        for (lang, words) in [("zh-CN", zh), ("en", en)] {
            let page = browser.get(&format!("{path}&lang={lang}")).await;
            assert_eq!(page.status, status, "{path}");
            assert!(page.body.starts_with("<!DOCTYPE html>") && page.body.contains(words), "{path}: {}", page.body);
            assert!(page.body.contains("href=\"/admin/orders\""), "{path}: {}", page.body);
        }
    }
    let twice = finance.get("/admin/orders.csv?from=2026-11-25&from=2026-11-26").await;
    assert_eq!(twice.status, bad);
    assert!(twice.body.contains("The request could not be understood"), "{}", twice.body);
}

#[tokio::test]
async fn a_stranger_signs_in_first_and_then_finds_the_list() {
    let panel = Panel::start().await;
    let mut stranger = panel.browser();
    let page = stranger.get("/admin/orders.csv?status=paid").await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    assert_eq!(page.location, "/admin/login?next=%2Fadmin%2Forders%3Fstatus%3Dpaid");
    let request = Request::get("/admin/orders.csv").header(header::ACCEPT, "*/*");
    let told = stranger.send(request, String::new()).await;
    assert_eq!((told.status, told.body.as_str()), (StatusCode::UNAUTHORIZED, "sign in first"));
}
