//! A channel in trouble, as the staff sees it: marked in the list, with its reason on its page, and well again after a good
//! check.

use super::app::{TestApp, eventually};
use super::clerk::Clerk;
use super::troublemaker::{Mood, Troublemaker};
use crate::model::{ChannelId, Role};

/// The row of a channel in the list of channels.
async fn row(clerk: &Clerk<'_>, channel: &ChannelId) -> String {
    let list = clerk.get("/admin/channels").await;
    let rows = list.split("<tr").filter(|row| row.contains(&format!("/admin/channels/{channel}\"")));
    rows.map(|row| row.split("</tr>").next().unwrap_or_default().to_owned()).next().unwrap_or_else(|| panic!("no row: {list}"))
}

async fn page(clerk: &Clerk<'_>, channel: &ChannelId) -> String {
    clerk.get(&format!("/admin/channels/{channel}")).await
}

#[tokio::test]
async fn a_channel_in_trouble_is_marked_until_a_check_goes_well() {
    let app = TestApp::start().await;
    let trouble = Troublemaker::start(&app.simulator_url).await;
    let broken = app.channel_with("wechat_v2", |input| input.gateway_url = Some(trouble.url.clone())).await;
    let healthy = app.channel("alipay").await;
    let merchant = app.merchant().await;
    let clerk = Clerk::sign_in(&app, Role::Owner).await;
    assert!(!row(&clerk, &broken).await.contains("Degraded"));
    assert!(!page(&clerk, &broken).await.contains("data-testid=\"degraded\""));

    trouble.set(Mood::Down);
    let created = merchant.create("A-1", 100).await.done();
    let order_no = created["order_no"].as_str().expect("number");
    merchant.call("/api/v1/payments", &[("order_no", order_no), ("method", "wechat_native")]).await.refused("280502", 502);
    let standing = app.cashier.standing(&broken).await.expect("store");
    let reason = standing.degraded.expect("in trouble").reason;
    assert!(reason.contains("502"), "{reason}");
    let marked = row(&clerk, &broken).await;
    assert!(marked.contains(">Degraded<") && marked.contains(&reason), "{marked}");
    let own = page(&clerk, &broken).await;
    let note = own.split("data-testid=\"degraded\"").nth(1).and_then(|rest| rest.split("</section>").next());
    let note = note.unwrap_or_else(|| panic!("no note: {own}"));
    assert!(note.contains(">Degraded<") && note.contains(&reason), "{note}");
    assert!(!row(&clerk, &healthy).await.contains("Degraded"), "the others are well");
    assert!(!page(&clerk, &healthy).await.contains("data-testid=\"degraded\""));

    trouble.set(Mood::Honest);
    let path = format!("/admin/channels/{broken}");
    eventually("a check goes well", async || {
        assert_eq!(clerk.post("check_channel", &[("channel_id", broken.as_str())]).await.split('?').next(), Some(path.as_str()));
        !row(&clerk, &broken).await.contains("Degraded")
    })
    .await;
    assert!(!page(&clerk, &broken).await.contains("data-testid=\"degraded\""));
}
