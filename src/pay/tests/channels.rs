//! Several channels that can do the same: whose turn it is, and what happens when one fails.

use super::provider::Mood;
use super::stage::{AMOUNT, Stage};
use crate::model::{ChannelId, Method, OrderStatus, PaymentStatus};
use crate::pay::{ChannelChange, ChannelRules, Error, Secret, Standing, Start};
use std::collections::BTreeMap;

const NATIVE: Method = Method::WechatNative;

fn share(weight: i64) -> ChannelRules {
    ChannelRules { weight, ..ChannelRules::default() }
}

async fn standing(stage: &Stage, channel_id: &str) -> Standing {
    stage.cashier.standing(&ChannelId::parse(channel_id).unwrap()).await.unwrap()
}

/// A stage with a second account that comes after the first.
async fn with_reserve() -> (Stage, String) {
    let stage = Stage::new().await;
    let reserve = stage.channel("reserve", 200, ChannelRules::default()).await;
    (stage, reserve)
}

fn bar(code: &str) -> Start {
    Start { auth_code: Some(Secret::new(code.to_owned())), ..Stage::start_of(Method::WechatMicropay) }
}

#[tokio::test]
async fn the_smaller_priority_gets_all_payments() {
    let (stage, _) = with_reserve().await;
    for n in 0..10 {
        let payment = stage.start(&stage.order(&format!("A{n}")).await, NATIVE).await;
        assert_eq!(payment.channel_id.as_str(), stage.channel_id);
    }
}

#[tokio::test]
async fn equal_priorities_share_by_weight() {
    let stage = Stage::new().await;
    let heavy = stage.channel("heavy", 100, share(3)).await;
    let idle = stage.channel("idle", 100, share(0)).await;
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for n in 0..80 {
        let payment = stage.start(&stage.order(&format!("A{n}")).await, NATIVE).await;
        *counts.entry(payment.channel_id.to_string()).or_default() += 1;
    }
    assert!(!counts.contains_key(&idle), "{counts:?}");
    assert!((48..=72).contains(&counts[&heavy]), "three of four: {counts:?}");
    assert_eq!(counts[&heavy] + counts[&stage.channel_id], 80);
}

#[tokio::test]
async fn a_live_attempt_is_given_again_whatever_the_dice_say() {
    let stage = Stage::new().await;
    for n in 0..5 {
        stage.channel(&format!("twin {n}"), 100, share(1)).await;
    }
    let order = stage.order("A1").await;
    let first = stage.start(&order, NATIVE).await;
    for _ in 0..20 {
        assert_eq!(stage.start(&order, NATIVE).await.pay_no, first.pay_no);
    }
    assert_eq!(stage.bundle(&order.order_no).await.payments.len(), 1);
}

#[tokio::test]
async fn only_channels_whose_limits_allow_the_amount_are_asked() {
    let stage = Stage::new().await;
    let first = ChannelId::parse(&stage.channel_id).unwrap();
    let rules = |min_amount, max_amount| ChannelRules { weight: 1, min_amount, max_amount };
    let limit = async |rules| {
        let change = ChannelChange { rules: Some(rules), ..ChannelChange::default() };
        stage.cashier.update_channel(&first, change, "test").await
    };
    limit(rules(None, Some(AMOUNT - 1))).await.unwrap();
    let order = stage.order("A1").await;
    let refused = stage.cashier.start_payment(&order.order_no, Stage::start_of(NATIVE)).await;
    assert!(matches!(refused, Err(Error::AmountLimits { max, .. }) if max == AMOUNT - 1), "{refused:?}");
    let large = stage.channel("large", 200, rules(Some(AMOUNT), None)).await;
    let offered = stage.cashier.methods_of(&order).await.unwrap();
    let native = offered.iter().find(|o| o.method == NATIVE).unwrap();
    assert!(native.available && native.channel.channel_id.as_str() == large);
    assert_eq!(stage.start(&order, NATIVE).await.channel_id.as_str(), large);
    for (wrong, field) in [
        (ChannelRules { weight: -1, ..rules(None, None) }, "weight"),
        (rules(Some(0), None), "min_amount"),
        (rules(Some(5), Some(4)), "max_amount"),
    ] {
        assert!(matches!(limit(wrong).await, Err(Error::Invalid { field: f, .. }) if f == field));
    }
}

#[tokio::test]
async fn a_channel_that_is_off_gets_nothing_and_keeps_its_payments() {
    let (stage, reserve) = with_reserve().await;
    let order = stage.order("A1").await;
    let payment = stage.start(&order, NATIVE).await;
    let off = ChannelChange { enabled: Some(false), ..ChannelChange::default() };
    stage.cashier.update_channel(&ChannelId::parse(&stage.channel_id).unwrap(), off, "test").await.unwrap();
    assert_eq!(stage.start(&stage.order("A2").await, NATIVE).await.channel_id.as_str(), reserve);
    assert_eq!(stage.start(&order, NATIVE).await.pay_no, payment.pay_no, "the live attempt stays with its channel");
    stage.provider.pay(payment.pay_no.as_str(), AMOUNT);
    assert_eq!(stage.notice(payment.pay_no.as_str(), AMOUNT).await.body, "success");
    assert_eq!(stage.bundle(&order.order_no).await.order.status, OrderStatus::Paid);
}

/// However a channel fails, the next one gets a payment of its own in the same call, and the first is known as degraded.
#[tokio::test]
async fn a_channel_that_fails_to_start_is_passed_over() {
    for (mood, word) in [
        (Mood::Unreachable, "no connection"),
        (Mood::Dead, "no answer"),
        (Mood::Mute, "lost answer"),
        (Mood::BadAccount, "does not know the account"),
        (Mood::BrokenKey, "does not sign"),
    ] {
        let (stage, reserve) = with_reserve().await;
        stage.provider.mood_of(&stage.channel_id, mood);
        let order = stage.order("A1").await;
        let payment = stage.start(&order, NATIVE).await;
        assert_eq!(payment.channel_id.as_str(), reserve, "{mood:?}");
        let bundle = stage.bundle(&order.order_no).await;
        assert_eq!(bundle.payments.len(), 2, "{mood:?}");
        assert_ne!(bundle.payments[0].pay_no, payment.pay_no);
        let degraded = standing(&stage, &stage.channel_id).await.degraded.unwrap();
        assert!(degraded.reason.contains(word), "{mood:?}: {}", degraded.reason);
        // Whatever the first account got is given up there before long, and pays nothing twice.
        if mood == Mood::Mute {
            assert!(bundle.payments[0].status.is_open() && bundle.payments[0].provider_data.contains_key("closing"));
        } else if mood != Mood::Dead {
            // A no from the provider is a failure; what never got there is closed.
            let refused = mood == Mood::BadAccount;
            let ended = if refused { PaymentStatus::Failed } else { PaymentStatus::Closed };
            assert_eq!(bundle.payments[0].status, ended, "{mood:?}");
            assert!(bundle.payments[0].error_code.is_some(), "{mood:?}");
        }
        // Others do not even try it.
        let next = stage.start(&stage.order("A2").await, NATIVE).await;
        assert_eq!(next.channel_id.as_str(), reserve, "{mood:?}");
        stage.provider.mood_of(&stage.channel_id, Mood::Well);
        stage.provider.pay(payment.pay_no.as_str(), AMOUNT);
        stage.notice_to(&reserve, payment.pay_no.as_str(), AMOUNT).await;
        stage.pass(60);
        stage.cashier.run_due().await.unwrap();
        let bundle = stage.bundle(&order.order_no).await;
        assert_eq!(bundle.order.pay_no.as_ref(), Some(&payment.pay_no), "{mood:?}");
        assert!(bundle.payments.iter().all(|p| !p.status.is_open()), "{mood:?}");
        stage.audit(&order.order_no).await;
    }
}

#[tokio::test]
async fn money_at_a_channel_that_was_passed_over_is_a_case() {
    let (stage, reserve) = with_reserve().await;
    stage.provider.mood_of(&stage.channel_id, Mood::Mute);
    let order = stage.order("A1").await;
    let payment = stage.start(&order, NATIVE).await;
    let first = stage.bundle(&order.order_no).await.payments[0].pay_no.clone();
    stage.provider.pay_although_closed(first.as_str(), AMOUNT);
    stage.provider.pay(payment.pay_no.as_str(), AMOUNT);
    stage.notice_to(&reserve, payment.pay_no.as_str(), AMOUNT).await;
    stage.provider.mood_of(&stage.channel_id, Mood::Well);
    stage.notice(first.as_str(), AMOUNT).await;
    let bundle = stage.bundle(&order.order_no).await;
    assert_eq!((bundle.order.pay_no, bundle.cases.len()), (Some(payment.pay_no), 1));
    stage.audit(&order.order_no).await;
}

#[tokio::test]
async fn when_all_fail_the_last_word_is_told() {
    let (stage, reserve) = with_reserve().await;
    stage.provider.mood_of(&stage.channel_id, Mood::Unreachable);
    stage.provider.mood_of(&reserve, Mood::Refusing);
    let order = stage.order("A1").await;
    let result = stage.cashier.start_payment(&order.order_no, Stage::start_of(NATIVE)).await;
    assert!(matches!(&result, Err(Error::ProviderRefused { code, .. }) if code == "NO"), "{result:?}");
    let payments = stage.bundle(&order.order_no).await.payments;
    assert_eq!(payments.iter().map(|p| p.status).collect::<Vec<_>>(), [PaymentStatus::Closed, PaymentStatus::Failed]);
    assert_eq!(standing(&stage, &reserve).await.degraded, None, "a refusal of this payment is no trouble of the account");
}

#[tokio::test]
async fn a_lone_channel_in_trouble_is_still_used() {
    let stage = Stage::new().await;
    let order = stage.order("A1").await;
    stage.provider.mood(Mood::Unreachable);
    let result = stage.cashier.start_payment(&order.order_no, Stage::start_of(NATIVE)).await;
    assert!(matches!(result, Err(Error::ProviderUnclear)), "{result:?}");
    assert!(standing(&stage, &stage.channel_id).await.degraded.is_some());
    stage.provider.mood(Mood::Well);
    let payment = stage.start(&order, NATIVE).await;
    assert_eq!(payment.channel_id.as_str(), stage.channel_id);
    assert_eq!(standing(&stage, &stage.channel_id).await.degraded, None, "a start that works ends the trouble");
}

#[tokio::test]
async fn a_channel_comes_back_by_itself_when_it_answers_again() {
    let (stage, reserve) = with_reserve().await;
    stage.provider.mood_of(&stage.channel_id, Mood::Unreachable);
    stage.start(&stage.order("A1").await, NATIVE).await;
    stage.pass(31);
    stage.start(&stage.order("A2").await, NATIVE).await;
    assert!(standing(&stage, &stage.channel_id).await.degraded.is_some(), "asked, and still out of reach");
    stage.provider.mood_of(&stage.channel_id, Mood::Well);
    let mut channel = reserve.clone();
    for n in 0..200 {
        stage.pass(31);
        channel = stage.start(&stage.order(&format!("B{n}")).await, NATIVE).await.channel_id.to_string();
        if channel == stage.channel_id {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(channel, stage.channel_id);
}

#[tokio::test]
async fn a_good_check_and_new_credentials_end_the_trouble() {
    let (stage, _) = with_reserve().await;
    let id = ChannelId::parse(&stage.channel_id).unwrap();
    stage.provider.mood_of(&stage.channel_id, Mood::BadAccount);
    assert!(!stage.cashier.check_channel(&id).await.unwrap().ok);
    assert!(standing(&stage, &stage.channel_id).await.degraded.is_some(), "a bad check marks it");
    stage.provider.mood_of(&stage.channel_id, Mood::Well);
    assert!(stage.cashier.check_channel(&id).await.unwrap().ok);
    assert_eq!(standing(&stage, &stage.channel_id).await.degraded, None);
    stage.provider.mood_of(&stage.channel_id, Mood::Unreachable);
    stage.start(&stage.order("A1").await, NATIVE).await;
    assert!(standing(&stage, &stage.channel_id).await.degraded.is_some());
    let change = ChannelChange { gateway_url: Some("https://other.example".into()), ..ChannelChange::default() };
    stage.cashier.update_channel(&id, change, "test").await.unwrap();
    assert_eq!(standing(&stage, &stage.channel_id).await.degraded, None);
}

#[tokio::test]
async fn a_bar_code_that_may_have_been_charged_is_never_tried_elsewhere() {
    let (stage, _) = with_reserve().await;
    stage.provider.mood_of(&stage.channel_id, Mood::Mute);
    let order = stage.order("A1").await;
    let result = stage.cashier.start_payment(&order.order_no, bar("134567890123456789")).await;
    assert!(matches!(result, Err(Error::ProviderUnclear)), "{result:?}");
    assert_eq!(stage.bundle(&order.order_no).await.payments.len(), 1);
    // Nor is one that the provider refused to this payer.
    let (stage, _) = with_reserve().await;
    stage.provider.mood_of(&stage.channel_id, Mood::Refusing);
    let order = stage.order("A1").await;
    let result = stage.cashier.start_payment(&order.order_no, bar("134567890123456789")).await;
    assert!(matches!(result, Err(Error::ProviderRefused { .. })), "{result:?}");
    assert_eq!(stage.bundle(&order.order_no).await.payments.len(), 1);
}

#[tokio::test]
async fn a_bar_code_that_certainly_was_not_charged_is() {
    for mood in [Mood::Unreachable, Mood::BadAccount, Mood::BrokenKey] {
        let (stage, reserve) = with_reserve().await;
        stage.provider.mood_of(&stage.channel_id, mood);
        let order = stage.order("A1").await;
        let payment = stage.cashier.start_payment(&order.order_no, bar("134567890123456789")).await.unwrap();
        assert_eq!(payment.channel_id.as_str(), reserve, "{mood:?}");
        assert_eq!(stage.provider.started_by(payment.pay_no.as_str()), Some(reserve));
    }
}

#[tokio::test]
async fn facts_of_one_account_are_not_used_with_another() {
    let (stage, reserve) = with_reserve().await;
    let order = stage.order("A1").await;
    let only = |id: &str| Start { channel: Some(ChannelId::parse(id).unwrap()), ..Stage::start_of(NATIVE) };
    let payment = stage.cashier.start_payment(&order.order_no, only(&reserve)).await.unwrap();
    assert_eq!(payment.channel_id.as_str(), reserve);
    stage.provider.mood_of(&stage.channel_id, Mood::Unreachable);
    let other = stage.order("A2").await;
    let result = stage.cashier.start_payment(&other.order_no, only(&stage.channel_id)).await;
    assert!(matches!(result, Err(Error::ProviderUnclear)), "{result:?}");
    assert_eq!(stage.bundle(&other.order_no).await.payments.len(), 1);
}
