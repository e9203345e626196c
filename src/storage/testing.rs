//! Throw-away databases and plausible records for tests, here and elsewhere.

use super::{Database, MasterKeys};
use crate::model::{
    Amount, AppId, ChannelId, ChannelKind, EventId, EventType, Method, OrderNo, OrderStatus, PayNo, PaymentStatus, RefundedPart,
    WebhookStatus,
};
use crate::pay::store::{Store, Write};
use crate::pay::{App, AppSettings, ChannelRecord, Credentials, Event, Order, Payment, Secret, World};
use std::collections::BTreeMap;
use std::ops::Deref;
use tempfile::TempDir;

/// A database of its own, gone with the value. Acts as the [`Database`] itself; `clone` gives one that can be shared.
pub struct TestDatabase {
    pub database: Database,
    pub dir: TempDir,
    pub url: String,
}

impl Deref for TestDatabase {
    type Target = Database;
    fn deref(&self) -> &Database {
        &self.database
    }
}

/// A fresh SQLite database with the current schema, on the system's clock.
pub async fn database() -> TestDatabase {
    database_in(World::system()).await
}

/// The same with a clock and chance of the test's own.
pub async fn database_in(world: World) -> TestDatabase {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", dir.path().join("cashier.db").display());
    open(dir, url, world).await
}

/// A fresh, empty corner of the PostgreSQL server of `TEST_POSTGRES_URL`, where that is given.
pub async fn postgres() -> Option<TestDatabase> {
    use sqlx::{AssertSqlSafe, Connection, Executor};
    let server = std::env::var("TEST_POSTGRES_URL").ok()?;
    sqlx::any::install_default_drivers();
    // A schema of its own: a database would do as well, but takes a hundred times as long to make.
    let name = format!("t_{}", World::system().number().to_lowercase());
    let mut conn = sqlx::AnyConnection::connect(&server).await.unwrap();
    conn.execute(AssertSqlSafe(format!("create schema {name}"))).await.unwrap();
    conn.close().await.unwrap();
    let mut url = url::Url::parse(&server).unwrap();
    url.query_pairs_mut().append_pair("options[search_path]", &name).append_pair("application_name", &name);
    Some(open(tempfile::tempdir().unwrap(), url.to_string(), World::system()).await)
}

async fn open(dir: TempDir, url: String, world: World) -> TestDatabase {
    let keys = MasterKeys::new([7; 32], &[]);
    let database = Database::connect_sized(&url, dir.path(), keys, world, 8).await.unwrap();
    database.migrate().await.unwrap();
    TestDatabase { database, dir, url }
}

/// An app that is stored already.
pub async fn app(db: &Database) -> App {
    let world = World::system();
    let app = App {
        app_id: AppId::parse(&world.id("app")).unwrap(),
        pid: 0,
        name: "测试商户".to_owned(),
        enabled: true,
        settings: AppSettings::default(),
        created_at: world.now_ms(),
    };
    db.commit(vec![Write::InsertApp(Box::new(app.clone()))]).await.unwrap();
    db.app(&app.app_id).await.unwrap().unwrap()
}

/// A channel of every app, stored with these credentials.
pub async fn channel(db: &Database, kind: ChannelKind, methods: &[Method], credentials: &[(&str, &str)]) -> ChannelRecord {
    let world = World::system();
    let record = ChannelRecord {
        channel_id: ChannelId::parse(&world.id("ch")).unwrap(),
        kind,
        name: format!("{kind} {}", world.number()),
        app_id: None,
        enabled: true,
        methods: methods.to_vec(),
        gateway_url: None,
        ca_pem: None,
        priority: 0,
        version: 1,
        created_at: world.now_ms(),
        updated_at: world.now_ms(),
    };
    let credentials: Credentials =
        credentials.iter().map(|(name, value)| ((*name).to_owned(), Secret::new((*value).to_owned()))).collect();
    db.commit(vec![Write::InsertChannel { record: Box::new(record.clone()), credentials }]).await.unwrap();
    record
}

/// A new order, not stored yet.
pub fn order(app_id: &AppId, fen: i64) -> Order {
    let world = World::system();
    let number = world.number();
    let now = world.now_ms();
    Order {
        order_no: OrderNo::parse(&number).unwrap(),
        app_id: app_id.clone(),
        out_order_no: format!("out-{number}"),
        token: world.token(16),
        amount: Amount::from_fen(fen).unwrap(),
        subject: "一杯咖啡 ☕".to_owned(),
        body: None,
        methods: vec![],
        notify_url: Some("https://shop.example/notify".to_owned()),
        return_url: None,
        cancel_url: None,
        show_url: None,
        attach: None,
        client_ip: Some("203.0.113.7".to_owned()),
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
    }
}

/// A pending payment of an order, not stored yet.
pub fn payment(order: &Order, channel_id: &ChannelId, method: Method) -> Payment {
    let world = World::system();
    Payment {
        pay_no: PayNo::parse(&world.number()).unwrap(),
        order_no: order.order_no.clone(),
        app_id: order.app_id.clone(),
        channel_id: channel_id.clone(),
        channel_version: 1,
        method,
        amount: order.amount,
        client_ip: None,
        created_at: order.created_at,
        expires_at: order.expires_at,
        status: PaymentStatus::Pending,
        pays_order: false,
        next: None,
        code_expires_at: None,
        provider_data: BTreeMap::new(),
        provider_trade_no: None,
        payer: None,
        received: None,
        error_code: None,
        error_message: None,
        verified_by: None,
        paid_at: None,
        refund_reserved: Amount::ZERO,
    }
}

/// A webhook about some order, created at a chosen time; not stored yet.
pub fn event(app_id: &AppId, at: i64, status: WebhookStatus) -> Event {
    let number = World::system().number();
    let time = ulid::Ulid::from_parts(u64::try_from(at).unwrap(), 0).to_string();
    Event {
        event_id: EventId::parse(&format!("evt_{}{}", &time[..10], &number[10..]).to_lowercase()).unwrap(),
        app_id: app_id.clone(),
        kind: EventType::OrderPaid,
        order_no: Some(OrderNo::parse(&number).unwrap()),
        about: number,
        url: "https://shop.example/hook".to_owned(),
        body: "{}".to_owned(),
        created_at: at,
        status,
        attempts: match status {
            WebhookStatus::Pending => 0,
            WebhookStatus::Delivered => 1,
            WebhookStatus::Failed => 10,
        },
        delivered_at: (status == WebhookStatus::Delivered).then_some(at),
    }
}
