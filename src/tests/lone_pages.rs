//! Pages outside of the route tree: in the demo each says that it is one, and nowhere else.

use super::app::TestApp;
use reqwest::RequestBuilder;

const BANNER: &str = "<aside class=\"demo-banner\">";

/// What a browser is shown.
async fn page(request: RequestBuilder) -> (u16, String) {
    let answer = request.header("accept", "text/html,*/*;q=0.8").send().await.expect("an answer");
    let (status, kind) = (answer.status().as_u16(), answer.headers().get("content-type").cloned());
    let text = answer.text().await.expect("text");
    assert!(kind.is_some_and(|kind| kind.to_str().is_ok_and(|kind| kind.starts_with("text/html"))), "{status} {text}");
    (status, text)
}

#[tokio::test]
async fn every_page_of_the_demo_says_that_it_is_one() {
    for demo in [true, false] {
        let wallet = demo.then(|| "http://127.0.0.1:3100/wallet".to_owned());
        let app = TestApp::start_as(&[("limits.page_per_s", "1")], |config| config.demo_wallet = wallet).await;
        let check = async |what: &str, request: RequestBuilder, wanted: u16| {
            let (status, text) = page(request).await;
            assert_eq!(status, wanted, "{what}: {text}");
            assert_eq!(text.matches(BANNER).count(), usize::from(demo), "{what}, demo: {demo}: {text}");
        };
        let get = |path: &str| app.anonymous.get(format!("{}{path}", app.url));
        let post = |path: &str| app.anonymous.post(format!("{}{path}", app.url));
        let created = app.merchant().await.create("A-1", 100).await.done();
        let checkout = created["checkout_url"].as_str().expect("url").strip_prefix(&app.url).expect("ours").to_owned();

        check("the reference", get("/docs"), 200).await;
        check("a bad link", get("/cashier?app_id=x"), 401).await;
        check("an empty link", get("/cashier"), 400).await;
        check("a form that is too large", post("/cashier").body("x".repeat(70_000)), 413).await;
        check("an unknown payment", get("/return/x"), 404).await;
        check("no way to sign in", get("/checkout/x/signed-in/nothing"), 404).await;
        check("an endless address", get(&format!("/docs?{}", "x".repeat(9000))), 414).await;
        check("another site's form", post("/admin/login").header("origin", "https://evil.example"), 403).await;
        check("a page of the route tree", get("/nothing/here"), 404).await;
        let refused = loop {
            let (status, text) = page(get(&checkout)).await;
            if status == 429 {
                break text;
            }
        };
        assert_eq!(refused.matches(BANNER).count(), usize::from(demo), "too often, demo: {demo}: {refused}");
        app.backend.database.close().await;
        check("a way back without a database", get("/return/01JD3ZQ8K7M4N5P6Q7R8S9T0VX"), 503).await;
    }
}
