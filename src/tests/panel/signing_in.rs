//! Passwords, locks and sessions.

use super::{Browser, OTHER_PASSWORD, PASSWORD, Panel, error_of};
use crate::model::Role;
use crate::pay::{Error, Secret};
use tokio::task::JoinSet;

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
async fn guesses_side_by_side_do_not_slip_past_the_limit_of_their_address() {
    let panel = Panel::start_with(&[("limits.login_failures_per_address", "3")]).await;
    let mut guesses = JoinSet::new();
    for i in 0..12 {
        let cashier = panel.cashier.clone();
        guesses.spawn(async move {
            let password = Secret::new("not the right one".to_owned());
            cashier.sign_in(&format!("guess{i}"), password, "203.0.113.9").await
        });
    }
    let answers = guesses.join_all().await;
    assert!(answers.iter().all(|a| matches!(a, Err(Error::Denied | Error::TooMany { .. }))), "{answers:?}");
    // The last one may have a companion: two passwords are checked at once.
    let counted = panel.cashier.store().login_failures("203.0.113.9", 0).await.unwrap();
    assert!(counted <= 4, "{counted}");
}

#[tokio::test]
async fn the_limits_of_guessing_can_be_switched_off() {
    let off = [("limits.login_failures_per_address", "0"), ("limits.login_lock_s", "0")];
    let panel = Panel::start_with(&off).await;
    panel.staff("li", Role::Viewer).await;
    let mut browser = panel.browser();
    for _ in 0..21 {
        browser.sign_in("li", "not the right one").await;
    }
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
