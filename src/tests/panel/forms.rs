//! What forms change, keep, refuse, and never show.

use super::{PASSWORD, Page, Panel, error_of};
use crate::model::{ChannelId, ChannelKind, Method, OrderNo, OrderStatus, PaymentStatus, Role};
use crate::pay::store::Write;
use crate::pay::{ChannelInput, Order, Payment, Secret};
use crate::storage::testing::{order, payment};
use axum::http::StatusCode;

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
async fn a_form_that_fails_speaks_the_language_of_its_page() {
    let panel = Panel::start().await;
    let mut browser = panel.as_role(Role::Owner).await;
    let failed = browser.post("create_app", &[("name", "")]).await;
    let query = failed.location.split_once('?').unwrap().1.to_owned();
    let page = browser.get(&format!("/admin/apps/new?{query}&lang=zh-CN")).await;
    assert!(page.body.contains("名称：必填"), "{}", page.body);
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

/// An order of one yuan that was paid.
async fn paid_order(panel: &Panel) -> OrderNo {
    let app = panel.cashier.create_app("Acme", "cli").await.unwrap().app;
    let channel_id = ChannelId::parse(&panel.cashier.world().id("ch")).unwrap();
    let new = order(&app.app_id, 100);
    let payment = Payment {
        status: PaymentStatus::Succeeded,
        pays_order: true,
        paid_at: Some(new.created_at),
        ..payment(&new, &channel_id, Method::WechatNative)
    };
    let (pay_no, paid_at) = (Some(payment.pay_no.clone()), payment.paid_at);
    let order = Order { status: OrderStatus::Paid, method: Some(payment.method), pay_no, paid_at, ..new };
    let order_no = order.order_no.clone();
    let writes = vec![Write::InsertOrder(Box::new(order)), Write::InsertPayment(Box::new(payment))];
    panel.cashier.store().commit(writes).await.unwrap();
    order_no
}

/// An error does not say whether the refund was reserved before it: with another number the form would ask for a second one.
#[tokio::test]
async fn a_refund_that_is_sent_again_after_an_error_is_the_same_refund() {
    let panel = Panel::start().await;
    let order_no = paid_order(&panel).await;
    let mut browser = panel.as_role(Role::Finance).await;
    let form = format!("/admin/orders/{order_no}/refund");
    let number_in = |page: &Page| {
        let field = page.body.split("<input").find(|field| field.contains("name=\"out_refund_no\"")).expect("the field");
        field.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("its value").to_owned()
    };
    let number = number_in(&browser.get(&form).await);
    let fields = [("order_no", order_no.as_str()), ("out_refund_no", number.as_str()), ("amount", "9.99"), ("reason", "broken")];
    let failed = browser.post("create_refund", &fields).await;
    assert!(error_of(&failed).contains("\"amount\""), "{failed:?}");
    let query = failed.location.split_once('?').unwrap().1;
    let page = browser.get(&format!("{form}?{query}")).await;
    assert_eq!(number_in(&page), number, "{}", page.body);
    assert!(page.body.contains("value=\"9.99\""), "{}", page.body);
    assert_ne!(number_in(&browser.get(&form).await), number, "a form opened anew is another refund");
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
