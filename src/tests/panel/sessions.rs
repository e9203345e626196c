//! Where people are signed in: listed, and ended one by one.

use super::{Browser, ORIGIN, PASSWORD, Panel, encoded, error_of};
use crate::model::{Role, StaffId};
use crate::pay::store::PageRequest;
use crate::pay::{AuditEntry, STAFF_ID, session_hash};
use crate::storage::Sessions;
use crate::ui::i18n::{Lang, t_in};
use axum::http::{Request, StatusCode, header};
use time::{Duration, OffsetDateTime};
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};

const PHONE: &str = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36";

impl Browser<'_> {
    /// The value of its cookie.
    fn id(&self) -> String {
        self.cookie.clone().unwrap().strip_prefix("cashier=").unwrap().to_owned()
    }

    /// What forms call its session by.
    fn handle(&self) -> String {
        session_hash(&self.id())
    }

    async fn sign_in_on_a_phone(&mut self, name: &str) {
        let request = Request::post("/rpc/admin/sign_in")
            .header(header::ACCEPT, "text/html")
            .header(header::ORIGIN, ORIGIN)
            .header(header::USER_AGENT, PHONE)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = self.send(request, encoded(&[("name", name), ("password", PASSWORD)])).await;
        assert_eq!(answer.location, "/admin");
    }
}

/// What the audit log has of ended sessions, newest first.
async fn ended(panel: &Panel) -> Vec<AuditEntry> {
    let page = PageRequest { limit: 100, ..PageRequest::default() };
    let entries = panel.cashier.store().audit(&page).await.unwrap().items;
    entries.into_iter().filter(|e| ["session.end", "staff.end_sessions"].contains(&e.action.as_str())).collect()
}

#[tokio::test]
async fn two_sign_ins_are_two_entries_and_one_of_them_ends() {
    let panel = Panel::start().await;
    let mut desk = panel.as_role(Role::Viewer).await;
    let mut phone = panel.browser();
    phone.sign_in_on_a_phone("viewer").await;
    for lang in Lang::ALL {
        let page = desk.get(&format!("/admin/settings?lang={}", lang.tag())).await;
        assert_eq!(page.status, StatusCode::OK);
        for key in ["panel-sessions", "panel-session-this", "panel-session-end", "panel-sessions-end-others"] {
            assert!(page.body.contains(&t_in(lang, key, &[])), "{key}: {}", page.body);
        }
        assert_eq!(page.body.matches("name=\"handle\"").count(), 1, "its own has no button: {}", page.body);
        assert!(page.body.contains("Chrome · Android") && page.body.contains("0.0.0.0"), "{}", page.body);
        assert!(page.body.contains(&phone.handle()) && !page.body.contains(&desk.handle()), "{}", page.body);
        assert!(!page.body.contains(&phone.id()) && !page.body.contains(&desk.id()), "an id lets somebody in");
    }

    let done = desk.post("end_own_session", &[("handle", phone.handle().as_str())]).await;
    assert_eq!(done.location, "/admin/settings?done=ended");
    assert!(desk.is_in().await && !phone.is_in().await);
    let page = desk.get("/admin/settings").await.body;
    assert!(!page.contains("Android") && !page.contains(&t_in(Lang::En, "panel-sessions-end-others", &[])), "{page}");
    let me = panel.cashier.store().staff_by_name("viewer").await.unwrap().unwrap().staff_id.to_string();
    let entries = ended(&panel).await;
    assert_eq!(entries.len(), 1, "{entries:?}");
    let entry = &entries[0];
    assert_eq!((entry.action.as_str(), &entry.actor, &entry.object), ("session.end", &me, &me));
    assert!(entry.before.as_deref().unwrap().contains("Chrome · Android"), "{entry:?}");
    panel.cashier.store().verify_audit().await.unwrap();
}

#[tokio::test]
async fn all_others_end_and_this_one_stays() {
    let panel = Panel::start().await;
    let mut desk = panel.as_role(Role::Viewer).await;
    let mut stranger = panel.as_role(Role::Finance).await;
    let (mut phone, mut tablet) = (panel.browser(), panel.browser());
    phone.sign_in("viewer", PASSWORD).await;
    tablet.sign_in("viewer", PASSWORD).await;
    assert_eq!(desk.post("end_other_sessions", &[]).await.location, "/admin/settings?done=ended");
    assert!(desk.is_in().await && stranger.is_in().await);
    assert!(!phone.is_in().await && !tablet.is_in().await);
    assert_eq!(ended(&panel).await.len(), 1);
}

#[tokio::test]
async fn a_foreign_or_unknown_session_is_not_found_and_goes_on() {
    let panel = Panel::start().await;
    let mut viewer = panel.as_role(Role::Viewer).await;
    let mut owner = panel.as_role(Role::Owner).await;
    let person = panel.cashier.store().staff_by_name("viewer").await.unwrap().unwrap().staff_id;
    for handle in [owner.handle(), "0".repeat(64), String::new(), viewer.id()] {
        assert!(
            error_of(&viewer.post("end_own_session", &[("handle", handle.as_str())]).await).contains("not_found"),
            "{handle}"
        );
        let fields = [("staff_id", person.as_str()), ("handle", handle.as_str())];
        assert!(error_of(&owner.post("end_session", &fields).await).contains("not_found"), "{handle}");
    }
    assert!(viewer.is_in().await && owner.is_in().await);
    assert!(ended(&panel).await.is_empty());
}

#[tokio::test]
async fn other_peoples_sessions_end_by_those_who_may_change_them() {
    let panel = Panel::start().await;
    let mut owner = panel.as_role(Role::Owner).await;
    let mut admin = panel.as_role(Role::Admin).await;
    let mut viewer = panel.as_role(Role::Viewer).await;
    let id_of = async |name: &str| panel.cashier.store().staff_by_name(name).await.unwrap().unwrap().staff_id.to_string();
    let (owner_id, admin_id, viewer_id) = (id_of("owner").await, id_of("admin").await, id_of("viewer").await);

    let (owners, viewers) = (owner.handle(), viewer.handle());
    let of_owner = [("staff_id", owner_id.as_str()), ("handle", owners.as_str())];
    let of_viewer = [("staff_id", viewer_id.as_str()), ("handle", viewers.as_str())];
    assert!(error_of(&viewer.post("end_session", &of_owner).await).contains("forbidden"));
    assert!(error_of(&viewer.post("end_session", &of_viewer).await).contains("forbidden"), "the settings page is for that");
    assert!(error_of(&admin.post("end_session", &of_owner).await).contains("forbidden"));
    assert!(ended(&panel).await.is_empty());

    let shown = admin.get(&format!("/admin/staff/{owner_id}")).await;
    assert!(shown.status == StatusCode::OK && !shown.body.contains(&owners), "{}", shown.body);
    let shown = admin.get(&format!("/admin/staff/{viewer_id}")).await;
    assert!(shown.body.contains(&viewers) && !shown.body.contains(&viewer.id()), "{}", shown.body);
    let shown = admin.get(&format!("/admin/staff/{admin_id}")).await;
    assert!(shown.body.contains(&t_in(Lang::En, "panel-session-this", &[])) && !shown.body.contains(&admin.handle()));

    let done = admin.post("end_session", &of_viewer).await;
    assert_eq!(done.location, format!("/admin/staff/{viewer_id}?done=ended"));
    assert!(!viewer.is_in().await && owner.is_in().await && admin.is_in().await);
    let entries = ended(&panel).await;
    assert_eq!(entries.len(), 1, "{entries:?}");
    let entry = &entries[0];
    assert_eq!((&entry.actor, &entry.object), (&admin_id, &viewer_id));
    let none = admin.get(&format!("/admin/staff/{viewer_id}")).await;
    assert!(none.body.contains(&t_in(Lang::En, "panel-sessions-none", &[])), "{}", none.body);
}

#[tokio::test]
async fn sessions_that_are_over_are_neither_listed_nor_ended() {
    let panel = Panel::start().await;
    let person: StaffId = panel.staff("li", Role::Viewer).await;
    let (sessions, now) = (Sessions::new(panel.database.clone()), panel.cashier.world().now_ms());
    let expiry_date = OffsetDateTime::from_unix_timestamp(now / 1000).unwrap() + Duration::days(1);
    let mut hashes = Vec::new();
    for (signed_in, seen) in [(13 * 60, 0), (60, 31), (60, 29)] {
        let told = serde_json::json!({
            STAFF_ID: person.as_str(),
            "signed_in_at": now - signed_in * 60_000,
            "seen_at": now - seen * 60_000,
        });
        let data = told.as_object().unwrap().clone().into_iter().collect();
        let mut record = Record { id: Id::default(), data, expiry_date };
        sessions.create(&mut record).await.unwrap();
        hashes.push(session_hash(&record.id.to_string()));
    }
    let living = panel.cashier.sessions_of(&person, "cli").await.unwrap();
    assert_eq!(living.iter().map(|s| &s.id_hash).collect::<Vec<_>>(), [&hashes[2]]);
    assert_eq!((&living[0].address, &living[0].browser), (&None, &None));
    assert!(panel.cashier.end_session(&person, &hashes[0], "cli").await.is_err());
    panel.cashier.end_session(&person, &hashes[2], "cli").await.unwrap();
    assert!(panel.cashier.sessions_of(&person, "cli").await.unwrap().is_empty());
}

#[tokio::test]
async fn without_a_database_people_are_asked_to_try_again_and_stay_signed_in() {
    let panel = Panel::start().await;
    let mut browser = panel.as_role(Role::Viewer).await;
    let before = browser.cookie.clone();
    panel.database.close().await;
    assert_eq!(browser.get("/admin/settings").await.status, StatusCode::SERVICE_UNAVAILABLE);
    let answer = browser.call("/rpc/admin/settings").await;
    assert!(answer.body.contains("\"unavailable\""), "{}", answer.body);
    assert_eq!(browser.get("/admin/orders.csv").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(browser.cookie, before);
}
