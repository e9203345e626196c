//! Merchants' receivers that hang, redirect, never stop talking, or point where they must not: none of it hurts us, or the
//! merchants whose receivers are well.

use super::app::{TestApp, eventually};
use super::merchant::Merchant;
use crate::model::{EventType, OrderNo, WebhookStatus};
use crate::pay::Event;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use futures::stream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;

/// Receivers that behave badly, one path each, and how often each was called.
struct Bad {
    url: String,
    calls: Arc<[AtomicUsize; 4]>,
}

async fn bad_receivers() -> Bad {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let url = format!("http://{}", listener.local_addr().expect("address"));
    let calls: Arc<[AtomicUsize; 4]> = Arc::default();
    let count = |n: usize| {
        let calls = calls.clone();
        move || calls[n].fetch_add(1, Ordering::Relaxed)
    };
    let (hangs, redirects, endless, trap) = (count(0), count(1), count(2), count(3));
    let target = format!("{url}/trap");
    let router = Router::new()
        .route(
            "/hang",
            post(move || {
                hangs();
                async { tokio::time::sleep(Duration::from_secs(600)).await }
            }),
        )
        .route(
            "/redirect",
            post(move || {
                redirects();
                let target = target.clone();
                async move { Redirect::temporary(&target) }
            }),
        )
        .route(
            "/endless",
            post(move || {
                endless();
                async { talk() }
            }),
        )
        .route(
            "/trap",
            post(move || {
                trap();
                async { StatusCode::OK }
            }),
        );
    tokio::spawn(async move { axum::serve(listener, router).await });
    Bad { url, calls }
}

/// A body without an end, dripping.
fn talk() -> Response {
    let endless = stream::unfold((), async |()| {
        tokio::time::sleep(Duration::from_millis(1)).await;
        Some((Ok::<Bytes, std::io::Error>(Bytes::from(vec![b'x'; 4096])), ()))
    });
    (StatusCode::OK, [(header::CONTENT_TYPE, "text/plain")], Body::from_stream(Box::pin(endless))).into_response()
}

async fn merchant_at(app: &TestApp, url: &str) -> Merchant {
    let merchant = app.merchant().await;
    app.change_app(&merchant, |app| app.settings.notify_url = Some(url.to_owned())).await;
    merchant
}

async fn paid_event(app: &TestApp, order_no: &str) -> Event {
    let number = OrderNo::parse(order_no).expect("number");
    let events = app.cashier.store().events_of_order(&number).await.expect("events");
    events.into_iter().find(|e| e.kind == EventType::OrderPaid).expect("told")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_receivers_hold_back_nobody_else() {
    let app = TestApp::start_with(&[("plans.webhook_s", "1,1")]).await;
    app.channel("wechat_v2").await;
    let bad = bad_receivers().await;
    let hanging = merchant_at(&app, &format!("{}/hang", bad.url)).await;
    let redirecting = merchant_at(&app, &format!("{}/redirect", bad.url)).await;
    let endless = merchant_at(&app, &format!("{}/endless", bad.url)).await;
    let good = app.merchant().await;

    // More than one receiver may have in flight, so that the queue behind it is full too.
    let mut held = Vec::new();
    for n in 0..12 {
        held.push(app.paid_order(&hanging, &format!("H-{n}"), 100).await);
    }
    let redirected = app.paid_order(&redirecting, "R-1", 100).await;
    let drowned = app.paid_order(&endless, "E-1", 100).await;
    eventually("the hanging receiver is being called", async || bad.calls[0].load(Ordering::Relaxed) >= 8).await;
    for n in 0..5 {
        app.paid_order(&good, &format!("G-{n}"), 100).await;
    }
    eventually("the good receiver hears everything", async || app.receiver.of_type("order.paid").len() == 5).await;
    // Still none of the hanging ones has ended: the good ones did not wait for them.
    assert_eq!(paid_event(&app, &held[0]).await.status, WebhookStatus::Pending);

    // 2xx is success whatever the body does; we hang up.
    eventually("the endless one counts", async || paid_event(&app, &drowned).await.status == WebhookStatus::Delivered).await;
    // A redirect is a failure, tried by the plan, and never followed.
    eventually("the redirect fails", async || paid_event(&app, &redirected).await.status == WebhookStatus::Failed).await;
    assert_eq!(bad.calls[1].load(Ordering::Relaxed), 3, "once and by a plan of two");
    assert_eq!(bad.calls[3].load(Ordering::Relaxed), 0, "the redirect was followed");
    let event = paid_event(&app, &redirected).await;
    let tries = app.cashier.store().deliveries(&event.event_id).await.expect("tries");
    assert!(tries.iter().all(|t| t.status_code == Some(307)), "{tries:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn private_receivers_are_refused_at_delivery_unless_allowed() {
    let app = TestApp::start_with(&[("plans.webhook_s", "1"), ("outbound.allow", "")]).await;
    app.channel("wechat_v2").await;
    let trap = bad_receivers().await;
    let port = trap.url.rsplit(':').next().expect("port").to_owned();
    for (n, host) in ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]", "0.0.0.0", "[::1]"]
        .into_iter()
        .enumerate()
    {
        let merchant = merchant_at(&app, &format!("http://{host}:{port}/trap")).await;
        let order_no = app.paid_order(&merchant, &format!("P-{n}"), 100).await;
        eventually("it fails", async || paid_event(&app, &order_no).await.status == WebhookStatus::Failed).await;
        let event = paid_event(&app, &order_no).await;
        let tries = app.cashier.store().deliveries(&event.event_id).await.expect("tries");
        assert!(tries.len() == 2 && tries.iter().all(|t| t.status_code.is_none()), "{host}: {tries:?}");
        assert!(tries.iter().all(|t| t.error.as_deref() == Some("the address is not public")), "{host}: {tries:?}");
    }
    assert_eq!(trap.calls[3].load(Ordering::Relaxed), 0);
}
