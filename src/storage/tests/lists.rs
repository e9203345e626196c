//! Paging in both directions and every filter.

use super::on_each;
use crate::model::{
    Amount, AppId, ChannelKind, Method, OrderNo, OrderStatus, PaymentStatus, RefundNo, RefundStatus, RefundedPart,
};
use crate::pay::store::{
    CaseFilter, EventFilter, NoticeFilter, OrderFilter, Page, PageRequest, RefundFilter, Store, StoreError, Write,
};
use crate::pay::{Order, Refund};
use crate::storage::testing::{app, channel, order, payment};

const DAY: i64 = 86_400_000;
const START: i64 = 1_764_000_000_000;

/// An order created at a chosen time.
fn order_at(app_id: &AppId, ms: i64, fen: i64) -> Order {
    let mut o = order(app_id, fen);
    let random = u128::from(u64::try_from(ms).unwrap());
    o.order_no = OrderNo::parse(&ulid::Ulid::from_parts(u64::try_from(ms).unwrap(), random).to_string()).unwrap();
    o.created_at = ms;
    o
}

fn numbers(page: &Page<Order>) -> Vec<OrderNo> {
    page.items.iter().map(|o| o.order_no.clone()).collect()
}

#[tokio::test]
async fn pages_meet_without_gap_or_overlap_in_both_directions() {
    on_each(async |db| {
        let app = app(db).await;
        let mut all = Vec::new();
        for i in 0..10 {
            let o = order_at(&app.app_id, START + i, 100 + i);
            db.commit(vec![Write::InsertOrder(Box::new(o.clone()))]).await.unwrap();
            all.insert(0, o.order_no);
        }
        let filter = OrderFilter::default();
        let get = async |before: Option<String>, after: Option<String>, limit| {
            db.orders(&filter, &PageRequest { before, after, limit }).await.unwrap()
        };
        let first = get(None, None, 4).await;
        assert_eq!(numbers(&first), all[0..4]);
        assert_eq!(first.newer, None);
        let second = get(first.older.clone(), None, 4).await;
        assert_eq!(numbers(&second), all[4..8]);
        let third = get(second.older.clone(), None, 4).await;
        assert_eq!(numbers(&third), all[8..10]);
        assert_eq!(third.older, None);
        let back = get(None, third.newer.clone(), 4).await;
        assert_eq!(back, second);
        let front = get(None, back.newer.clone(), 4).await;
        assert_eq!(front, first);
        assert_eq!(numbers(&get(None, None, 10).await), all);
        assert_eq!(get(None, None, 10).await.older, None);
        assert_eq!(get(None, None, 0).await.items.len(), 1, "a page has at least one row");
        let beyond = get(Some("0".repeat(26)), None, 4).await;
        assert!(beyond.items.is_empty() && beyond.older.is_none());
    })
    .await;
}

/// What the filter means, said in plain code.
fn fits(o: &Order, f: &OrderFilter) -> bool {
    f.app_id.as_ref().is_none_or(|a| *a == o.app_id)
        && f.status.is_none_or(|s| s == o.status)
        && f.refund_status.is_none_or(|s| s == o.refund_status)
        && f.method.is_none_or(|m| Some(m) == o.method)
        && f.from.is_none_or(|t| o.created_at >= t)
        && f.to.is_none_or(|t| o.created_at < t)
        && f.amount_min.is_none_or(|n| o.amount.fen() >= n)
        && f.amount_max.is_none_or(|n| o.amount.fen() <= n)
}

#[tokio::test]
async fn every_combination_of_filters_finds_what_it_says() {
    on_each(async |db| {
        let apps = [app(db).await.app_id, app(db).await.app_id];
        let methods = [None, Some(Method::AlipayQr), Some(Method::WechatNative)];
        let mut all = Vec::new();
        for i in 0..120_i64 {
            let n = usize::try_from(i).unwrap();
            let mut o = order_at(&apps[n % 2], START + i * DAY / 10, 50 + (i * 37) % 100);
            o.status = OrderStatus::ALL[n % 4];
            o.method = methods[(n / 2) % 3];
            o.refund_status = RefundedPart::ALL[(n / 5) % 3];
            all.insert(0, o);
        }
        let insert: Vec<Write> = all.iter().rev().map(|o| Write::InsertOrder(Box::new(o.clone()))).collect();
        db.commit(insert).await.unwrap();
        let mut filter = OrderFilter::default();
        let mut tried = 0;
        for mask in 0..128_u32 {
            let on = |bit: u32| mask & (1 << bit) != 0;
            filter.app_id = on(0).then(|| apps[0].clone());
            filter.status = on(1).then_some(OrderStatus::Paid);
            filter.method = on(2).then_some(Method::AlipayQr);
            filter.from = on(3).then_some(START + 2 * DAY);
            filter.to = on(4).then_some(START + 9 * DAY);
            filter.amount_min = on(5).then_some(70);
            filter.amount_max = on(6).then_some(120);
            for part in [None, Some(RefundedPart::None), Some(RefundedPart::Partial)] {
                filter.refund_status = part;
                let want: Vec<OrderNo> = all.iter().filter(|o| fits(o, &filter)).map(|o| o.order_no.clone()).collect();
                let page = db.orders(&filter, &PageRequest { limit: 200, ..PageRequest::default() }).await.unwrap();
                assert_eq!(numbers(&page), want, "{filter:?}");
                tried += usize::from(!want.is_empty());
            }
        }
        assert!(tried > 100, "most combinations find something: {tried}");
    })
    .await;
}

#[tokio::test]
async fn an_order_is_found_by_any_of_its_numbers() {
    on_each(async |db| {
        let app = app(db).await;
        let channel = channel(db, ChannelKind::Jd, &[Method::JdQr], &[]).await;
        let (o, other) = (order(&app.app_id, 100), order(&app.app_id, 100));
        let mut p = payment(&o, &channel.channel_id, Method::JdQr);
        p.status = PaymentStatus::Succeeded;
        p.provider_trade_no = Some("trade-1".to_owned());
        let r = Refund {
            refund_no: RefundNo::parse(&crate::pay::World::system().number()).unwrap(),
            app_id: app.app_id.clone(),
            out_refund_no: "out-refund-1".to_owned(),
            order_no: Some(o.order_no.clone()),
            pay_no: p.pay_no.clone(),
            case_id: None,
            amount: Amount::from_fen(5).unwrap(),
            reason: String::new(),
            notify_url: None,
            requested_by: "api".to_owned(),
            created_at: o.created_at,
            status: RefundStatus::Processing,
            provider_refund_no: Some("provider-refund-1".to_owned()),
            error_code: None,
            error_message: None,
            succeeded_at: None,
        };
        db.commit(vec![
            Write::InsertOrder(Box::new(o.clone())),
            Write::InsertOrder(Box::new(other)),
            Write::InsertPayment(Box::new(p.clone())),
            Write::InsertRefund(Box::new(r.clone())),
        ])
        .await
        .unwrap();
        let page = PageRequest { limit: 10, ..PageRequest::default() };
        let all = [
            o.order_no.as_str(),
            &o.out_order_no,
            p.pay_no.as_str(),
            "trade-1",
            r.refund_no.as_str(),
            "out-refund-1",
            "provider-refund-1",
        ];
        for number in all {
            let mut filter = OrderFilter { number: Some(number.to_owned()), ..OrderFilter::default() };
            assert_eq!(numbers(&db.orders(&filter, &page).await.unwrap()), std::slice::from_ref(&o.order_no), "{number}");
            filter.status = Some(OrderStatus::Paid);
            assert!(db.orders(&filter, &page).await.unwrap().items.is_empty(), "{number}");
        }
        let filter = OrderFilter { number: Some("' or 1=1 --".to_owned()), ..OrderFilter::default() };
        assert!(db.orders(&filter, &page).await.unwrap().items.is_empty());
        for number in [r.refund_no.as_str(), "out-refund-1", "provider-refund-1", o.order_no.as_str(), p.pay_no.as_str()] {
            let filter = RefundFilter { number: Some(number.to_owned()), ..RefundFilter::default() };
            assert_eq!(db.refunds(&filter, &page).await.unwrap().items, std::slice::from_ref(&r), "{number}");
        }
        let mut filter = RefundFilter {
            app_id: Some(app.app_id.clone()),
            status: Some(RefundStatus::Processing),
            number: None,
            from: Some(r.created_at),
            to: Some(r.created_at + 1),
        };
        assert_eq!(db.refunds(&filter, &page).await.unwrap().items, std::slice::from_ref(&r));
        filter.status = Some(RefundStatus::Failed);
        assert!(db.refunds(&filter, &page).await.unwrap().items.is_empty());
        filter.status = None;
        filter.to = Some(r.created_at);
        assert!(db.refunds(&filter, &page).await.unwrap().items.is_empty());
        assert_eq!(db.figures(0).await.unwrap().open_refunds, 1);
    })
    .await;
}

#[tokio::test]
async fn other_lists_take_all_their_filters() {
    on_each(async |db| {
        let app = app(db).await;
        let channel = channel(db, ChannelKind::Jd, &[Method::JdQr], &[]).await;
        let page = PageRequest { limit: 10, ..PageRequest::default() };
        let cases = CaseFilter {
            app_id: Some(app.app_id.clone()),
            status: Some(crate::model::CaseStatus::Open),
            kind: Some(crate::model::CaseKind::Late),
        };
        assert!(db.cases(&cases, &page).await.unwrap().items.is_empty());
        let events = EventFilter {
            app_id: Some(app.app_id),
            status: Some(crate::model::WebhookStatus::Failed),
            kind: Some(crate::model::EventType::OrderPaid),
            number: Some("x".to_owned()),
            from: Some(START),
            to: Some(START + DAY),
        };
        assert!(db.events(&events, &page).await.unwrap().items.is_empty());
        let notices = NoticeFilter { channel_id: Some(channel.channel_id), verified: Some(true), number: Some("x".to_owned()) };
        assert!(db.notices(&notices, &page).await.unwrap().items.is_empty());
        assert!(db.audit(&page).await.unwrap().items.is_empty());
        let odd = PageRequest { before: Some("no number".to_owned()), ..page };
        assert!(matches!(db.audit(&odd).await, Err(StoreError::Other(_))));
    })
    .await;
}
