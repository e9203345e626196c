//! The payer's page.

use super::*;

const FRONT: &str = "/gateway/api/frontTransReq.do";

impl Scene {
    async fn get(&self, path: &str, lang: &str) -> (StatusCode, String) {
        let request = Request::get(path).header(header::ACCEPT_LANGUAGE, lang).body(Body::empty()).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.expect("a body");
        (status, String::from_utf8(body.to_vec()).expect("UTF-8"))
    }
}

/// The form that leads back, as a browser would send it.
fn back_form(page: &str) -> Sent {
    let unescape = |text: &str| {
        let text = text.replace("&#13;", "\r").replace("&#10;", "\n").replace("&quot;", "\"").replace("&#39;", "'");
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    };
    let inputs = page.split("<input type=\"hidden\" name=\"").skip(1);
    inputs
        .map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"").expect("an input");
            (unescape(name), unescape(rest.split_once("\">").expect("closed").0))
        })
        .collect()
}

#[tokio::test]
async fn a_posted_form_is_paid_and_leads_back_with_the_result() {
    let mut scene = Scene::new().await;
    for channel_type in ["07", "08"] {
        scene = Scene::new().await;
        let (status, headers, page) = scene.post(FRONT, &scene.signed(&scene.payment(channel_type, "000201", "01"))).await;
        assert_eq!(status, StatusCode::OK);
        assert!(headers["content-security-policy"].to_str().is_ok_and(|policy| policy.contains("default-src 'none'")));
        assert!(page.contains("88.88") && page.contains("茶壶") && page.contains("立即付款"), "{page}");
        assert!(!page.contains("<script") && !page.contains("style="), "{page}");
        assert!(back_form(&page).is_empty(), "nothing to tell yet");
    }
    let query_id = scene.query(PAYMENT).await["queryId"].clone();
    let path = format!("/unionpay/pay/{query_id}");
    let (status, headers, _) = scene.post(&path, &Sent::new()).await;
    assert_eq!((status, headers["location"].to_str().expect("text")), (StatusCode::SEE_OTHER, path.as_str()));
    assert_eq!(scene.notice().await["orderId"], PAYMENT);
    let (_, page) = scene.get(&path, "en").await;
    assert!(page.contains("data-state=\"paid\"") && page.contains("action=\"http://127.0.0.1:1/return/X\""), "{page}");
    let back = back_form(&page);
    assert_eq!(signer(&back).as_deref(), Some(UNIONPAY), "line ends survive the page");
    assert_eq!((back["respCode"].as_str(), back["orderId"].as_str()), ("00", PAYMENT));
}

#[tokio::test]
async fn a_failed_try_can_be_repeated_on_the_page() {
    let scene = Scene::new().await;
    let form = scene.signed(&scene.payment("07", "000201", "01"));
    scene.post(FRONT, &form).await;
    let path = format!("/unionpay/pay/{}", scene.query(PAYMENT).await["queryId"]);
    let (_, _, page) = scene.post(&path, &cut("behaviour=fail&account=xiaoming")).await;
    assert!(page.contains("付款失败") && page.contains("data-testid=\"pay\""), "{page}");
    let (_, _, page) = scene.post(FRONT, &form).await;
    assert!(page.contains("data-testid=\"pay\""), "loaded again, it is the same payment: {page}");
    scene.advance(Duration::from_secs(15 * 60)).await;
    let (_, _, page) = scene.post(&path, &Sent::new()).await;
    assert!(page.contains("data-state=\"expired\"") && !page.contains("data-testid=\"pay\""), "{page}");
    let (status, page) = scene.get("/unionpay/pay/742403011200009999998", "en").await;
    assert!(status == StatusCode::NOT_FOUND && page.contains("You were not charged"), "{page}");
    assert_eq!(scene.get("/unionpay/page.css", "en").await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_wrong_form_is_an_error_page_and_nothing_begins() {
    let scene = Scene::new().await;
    let mut forged = scene.signed(&scene.payment("07", "000201", "01"));
    forged.insert("txnAmt".to_owned(), "1".to_owned());
    let (_, _, page) = scene.post(FRONT, &forged).await;
    assert!(page.contains("<p class=\"soft\" data-testid=\"error\">11</p>"), "{page}");
    let mut pairs = scene.payment("07", "000201", "01");
    pairs.push(("frontUrl", ""));
    let (_, _, page) = scene.post(FRONT, &scene.signed(&pairs)).await;
    assert!(page.contains("data-testid=\"error\">13<"), "{page}");
    assert_eq!(scene.query(PAYMENT).await["respCode"], "34");
    let other = scene.signed(&scene.payment("07", "000201", "01"));
    scene.post(FRONT, &other).await;
    let mut pairs = scene.payment("07", "000201", "01");
    pairs.push(("txnAmt", "9999"));
    let (_, _, page) = scene.post(FRONT, &scene.signed(&pairs)).await;
    assert!(page.contains("data-testid=\"error\">12<"), "the same number for something else: {page}");
}
