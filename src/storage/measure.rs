//! Measures storage by itself: fills a database with plausible orders, times the filtered lists and the writes. Used by
//! the bench command; nothing else calls it.

use super::database::Database;
use super::failure::store_error;
use super::fetch::arguments;
use super::statement::Arg;
use crate::model::{Amount, AppId, Method, OrderNo, OrderStatus, RefundedPart};
use crate::pay::store::{OrderFilter, PageRequest, Store, StoreError, Write};
use crate::pay::{Order, Task, TaskKind, TimelineEntry, TimelineKind};
use sqlx::{AssertSqlSafe, Connection, Executor};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

type Result<T> = std::result::Result<T, StoreError>;

/// Rows of one statement, and statements of one transaction.
const ROWS: usize = 200;
const STATEMENTS: usize = 50;
/// The seeded orders lie in the 90 days before now.
const PERIOD_MS: i64 = 90 * 86_400_000;

/// A small generator with a fixed start: two runs give the same orders.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: u64) -> u64 {
        (self.roll() >> 16) % n
    }
}

/// Methods by how often they are used, of 100.
const METHODS: &[(Method, u64)] = &[
    (Method::WechatJsapi, 40),
    (Method::AlipayWap, 62),
    (Method::WechatNative, 80),
    (Method::AlipayQr, 92),
    (Method::UnionpayQr, 97),
    (Method::JdQr, 99),
    (Method::LianlianWeb, 100),
];

/// Puts `n` orders of the last 90 days into the database, two thirds of them for the first app.
///
/// # Errors
/// When the database does not take them.
pub async fn seed_orders(db: &Database, apps: &[AppId], n: u64) -> Result<()> {
    let values = "($, $, $, $, $, '种子', '', 'https://shop.example/notify', '{}', 7200, $, $, $, $, $, $, $, 1)";
    let width = values.matches('$').count();
    let mut text =
        "insert into orders (order_no, app_id, out_order_no, token, amount, subject, methods, notify_url, extra, expires_in, \
                    created_at, expires_at, status, refund_status, refunded_amount, method, paid_at, version) values "
            .to_owned();
    for row in 0..ROWS {
        let mut parts = values.split('$');
        text.push_str(if row == 0 { "" } else { ", " });
        text.push_str(parts.next().unwrap_or_default());
        for (i, part) in parts.enumerate() {
            text.push_str(&format!("${}{part}", row * width + i + 1));
        }
    }
    let mut conn = sqlx::AnyConnection::connect(db.url()).await.map_err(store_error)?;
    let rows = u64::try_from(ROWS).unwrap_or(1);
    let statements = n.div_ceil(rows);
    let start = db.world().now_ms() - PERIOD_MS;
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut done = 0;
    while done < statements {
        let mut tx = conn.begin().await.map_err(store_error)?;
        for _ in 0..STATEMENTS.min(usize::try_from(statements - done).unwrap_or(STATEMENTS)) {
            let mut args = Vec::with_capacity(ROWS * width);
            for row in 0..rows {
                seed_row(&mut args, apps, &mut dice, start, done * rows + row, statements * rows);
            }
            let args = arguments(&args).map_err(store_error)?;
            tx.execute(sqlx::query_with(AssertSqlSafe(text.as_str()), args)).await.map_err(store_error)?;
            done += 1;
        }
        tx.commit().await.map_err(store_error)?;
    }
    conn.close().await.map_err(store_error)
}

fn seed_row(args: &mut Vec<Arg>, apps: &[AppId], dice: &mut Dice, start: i64, i: u64, n: u64) {
    let at = start + i64::try_from(u128::from(i) * u128::from(PERIOD_MS.unsigned_abs()) / u128::from(n.max(1))).unwrap_or(0);
    let number = ulid::Ulid::from_parts(at.unsigned_abs(), u128::from(dice.roll()) << 16).to_string();
    let others = u64::try_from(apps.len()).unwrap_or(1).max(2) - 1;
    let app = if dice.below(3) < 2 { 0 } else { 1 + dice.below(others) };
    let app = usize::try_from(app).ok().and_then(|at| apps.get(at)).or(apps.first());
    let chance = dice.below(100);
    let method = METHODS.iter().find(|(_, up_to)| chance < *up_to).map(|(m, _)| m.as_str());
    // Only the newest orders are still open.
    let (status, method) = match (i + n / 200 >= n, dice.below(10)) {
        (true, 0..5) => ("created", None),
        (true, _) => ("paying", method),
        (false, 0..7) => ("paid", method),
        (false, _) => ("closed", method.filter(|_| dice.below(10) < 4)),
    };
    let part = match dice.below(60) {
        0 if status == "paid" => "partial",
        1 if status == "paid" => "full",
        _ => "none",
    };
    // Many small amounts, few large ones.
    let limit = 10_u64.pow(2 + u32::try_from(dice.below(5)).unwrap_or(0));
    let amount = 1 + i64::try_from(dice.below(limit)).unwrap_or(0);
    args.extend([
        Arg::from(number.as_str()),
        app.map(AppId::as_str).unwrap_or_default().into(),
        format!("out-{number}").into(),
        format!("{:016x}{:016x}", dice.roll(), dice.roll()).into(),
        amount.into(),
        at.into(),
        (at + 7_200_000).into(),
        status.into(),
        part.into(),
        (if part == "none" { 0 } else { amount }).into(),
        method.into(),
        Some(at + 30_000).filter(|_| status == "paid").into(),
    ]);
}

/// Times the first and the second page of each combination of filters; slowest first.
///
/// # Errors
/// When a list fails.
pub async fn time_lists(db: &Database, apps: &[AppId]) -> Result<Vec<(Duration, OrderFilter)>> {
    let now = db.world().now_ms();
    let day = 86_400_000;
    let mut times = Vec::new();
    let app_choices = [None, apps.first().cloned(), apps.last().cloned()];
    let statuses =
        [None, Some(OrderStatus::Created), Some(OrderStatus::Paying), Some(OrderStatus::Paid), Some(OrderStatus::Closed)];
    let methods = [None, Some(Method::WechatJsapi), Some(Method::LianlianWeb), Some(Method::BaiduMini)];
    let parts = [None, Some(RefundedPart::None), Some(RefundedPart::Full)];
    let amounts = [(None, None), (Some(5_000), None), (Some(777), Some(777)), (Some(900_000), Some(990_000))];
    let periods = [(None, None), (Some(now - day), None), (Some(now - 60 * day), Some(now - 55 * day))];
    for app_id in &app_choices {
        for (status, method) in statuses.iter().flat_map(|s| methods.iter().map(move |m| (*s, *m))) {
            for refund_status in parts {
                for ((amount_min, amount_max), (from, to)) in amounts.iter().flat_map(|a| periods.iter().map(move |p| (*a, *p))) {
                    let app_id = app_id.clone();
                    let filter =
                        OrderFilter { app_id, status, refund_status, method, from, to, amount_min, amount_max, number: None };
                    let begun = Instant::now();
                    let page = db.orders(&filter, &PageRequest { limit: 50, ..PageRequest::default() }).await?;
                    times.push((begun.elapsed(), filter.clone()));
                    if page.older.is_some() {
                        let begun = Instant::now();
                        db.orders(&filter, &PageRequest { before: page.older, after: None, limit: 50 }).await?;
                        times.push((begun.elapsed(), filter));
                    }
                }
            }
        }
    }
    times.sort_by_key(|(time, _)| std::cmp::Reverse(*time));
    Ok(times)
}

/// Creates `n` orders from `clients` callers at once, as the merchant API does: nonce, order, history, expiry task.
///
/// # Errors
/// When a write fails.
pub async fn time_creations(db: &Database, app_id: &AppId, clients: u64, n: u64) -> Result<Duration> {
    let mut callers = tokio::task::JoinSet::new();
    let begun = Instant::now();
    for _ in 0..clients {
        let (db, app_id) = (db.clone(), app_id.clone());
        callers.spawn(async move {
            for _ in 0..n / clients {
                db.commit(creation(&db, &app_id)?).await?;
            }
            Ok::<(), StoreError>(())
        });
    }
    while let Some(done) = callers.join_next().await {
        done.map_err(|e| StoreError::Other(e.to_string()))??;
    }
    Ok(begun.elapsed())
}

fn creation(db: &Database, app_id: &AppId) -> Result<Vec<Write>> {
    let world = db.world();
    let (number, now) = (world.number(), world.now_ms());
    let wrong = |e: &dyn std::fmt::Display| StoreError::Other(e.to_string());
    let order_no = OrderNo::parse(&number).map_err(|e| wrong(&e))?;
    let order = Order {
        order_no: order_no.clone(),
        app_id: app_id.clone(),
        out_order_no: format!("bench-{number}"),
        token: world.token(18),
        amount: Amount::from_fen(8888).map_err(|e| wrong(&e))?,
        subject: "bench".to_owned(),
        body: None,
        methods: Vec::new(),
        notify_url: Some("https://shop.example/notify".to_owned()),
        return_url: Some("https://shop.example/back".to_owned()),
        cancel_url: None,
        show_url: None,
        attach: None,
        client_ip: None,
        user_id: None,
        platform: None,
        scene: None,
        refers: None,
        extra: BTreeMap::new(),
        expires_in: 7200,
        created_at: now,
        expires_at: now + 7_200_000,
        status: OrderStatus::Created,
        close_reason: None,
        refund_status: RefundedPart::None,
        refunded_amount: Amount::ZERO,
        method: None,
        pay_no: None,
        paid_at: None,
        closed_at: None,
        version: 1,
    };
    let step = TimelineEntry {
        id: world.number(),
        order_no,
        at: now,
        kind: TimelineKind::OrderCreated,
        actor: "api".to_owned(),
        about: None,
        data: BTreeMap::new(),
    };
    let task = Task { kind: TaskKind::ExpireOrder, about: number.clone(), due_at: now + 7_200_000, attempts: 0, step: 0 };
    Ok(vec![
        Write::SpendNonce { app_id: app_id.clone(), nonce: number, expires_at: now + 600_000 },
        Write::InsertOrder(Box::new(order)),
        Write::Timeline(step),
        Write::Schedule(task),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::testing::{app, database};

    #[tokio::test]
    async fn seeded_orders_are_sound_and_every_filter_answers() {
        let db = database().await;
        let apps = [app(&db).await.app_id, app(&db).await.app_id, app(&db).await.app_id];
        seed_orders(&db, &apps, 2000).await.unwrap();
        let page = db.orders(&OrderFilter::default(), &PageRequest { limit: 1000, ..PageRequest::default() }).await.unwrap();
        assert_eq!(page.items.len(), 1000);
        for status in OrderStatus::ALL {
            assert!(page.items.iter().any(|o| o.status == *status), "{status}");
        }
        assert!(time_lists(&db, &apps).await.unwrap().len() > 500);
        time_creations(&db, &apps[0], 4, 40).await.unwrap();
        let total: i64 = db.figures(0).await.unwrap().orders.iter().map(|(_, n)| n).sum();
        assert_eq!(total, 2040);
    }
}
