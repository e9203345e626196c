//! The stage of the core's tests: a cashier on its own database, a provider with a book, a receiver of webhooks.

use super::provider::Provider;
use crate::model::{Amount, AppId, CaseKind, ChannelKind, Method, OrderNo, OrderStatus, PaymentStatus};
use crate::pay::channel::{Answer, NoticeKind};
use crate::pay::store::{CaseFilter, EventFilter, PageRequest};
use crate::pay::{
    App, Cashier, Chance, ChannelInput, ChannelRules, Clock, Event, LoginLimits, NewOrder, Notifier, Order, OrderBundle, Payment,
    Plans, Reply, Settings, Start, World,
};
use crate::storage::testing::{TestDatabase, database_in};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// A clock that moves when told, and chance from a seed.
pub struct StageWorld {
    pub ms: AtomicI64,
    state: AtomicU64,
}

impl Clock for StageWorld {
    fn now_ms(&self) -> i64 {
        self.ms.load(Ordering::SeqCst)
    }
}

impl Chance for StageWorld {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            // SplitMix64: plenty for numbers that only have to differ.
            let mut z = self.state.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst).wrapping_add(0x9E37_79B9_7F4A_7C15);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            *byte = (z ^ (z >> 31)).to_le_bytes()[0];
        }
    }
}

/// One received webhook: its headers and its body.
pub type Received = (Vec<(String, String)>, String);

/// The merchant's receiver: answers the given status and keeps what it got.
#[derive(Clone)]
pub struct Receiver {
    pub status: Arc<Mutex<u16>>,
    pub got: Arc<Mutex<Vec<Received>>>,
}

#[async_trait]
impl Notifier for Receiver {
    async fn post(&self, _url: &str, headers: &[(String, String)], body: &str) -> Result<Reply, String> {
        self.got.lock().unwrap().push((headers.to_vec(), body.to_owned()));
        Ok(Reply { status: *self.status.lock().unwrap(), body: String::new(), retry_after_s: None })
    }
}

pub struct Stage {
    pub cashier: Cashier,
    pub provider: Provider,
    pub receiver: Receiver,
    pub world: Arc<StageWorld>,
    pub app: App,
    pub channel_id: String,
    _database: TestDatabase,
}

pub const AMOUNT: i64 = 12_800;

impl Stage {
    pub async fn new() -> Self {
        Self::seeded(1).await
    }

    pub async fn seeded(seed: u64) -> Self {
        let world = Arc::new(StageWorld { ms: AtomicI64::new(1_800_000_000_000), state: AtomicU64::new(seed) });
        let given = World { clock: world.clone(), chance: world.clone() };
        let database = database_in(given.clone()).await;
        let provider = Provider::default();
        let receiver = Receiver { status: Arc::new(Mutex::new(200)), got: Arc::default() };
        let (plans, login) = (Plans::default(), LoginLimits::default());
        let settings =
            Settings { public_url: "https://pay.example".into(), plans, login, questions_per_s: 0, node: "test".into() };
        let store = Arc::new(database.database.clone());
        let cashier = Cashier::new(store, Arc::new(provider.clone()), Arc::new(receiver.clone()), given, settings);
        let mut app = cashier.create_app("Acme", "test").await.unwrap().app;
        app.settings.notify_url = Some("https://merchant.example/hook".into());
        let app = cashier.save_app(app, "test").await.unwrap();
        let input = ChannelInput {
            kind: ChannelKind::WechatV2,
            name: "stage".into(),
            app_id: None,
            gateway_url: None,
            ca_pem: None,
            methods: None,
            credentials: BTreeMap::new(),
            priority: None,
            rules: None,
        };
        let channel = cashier.import_channel(input, "test").await.unwrap();
        Self { cashier, provider, receiver, world, app, channel_id: channel.channel_id.to_string(), _database: database }
    }

    pub fn new_order(out_order_no: &str) -> NewOrder {
        NewOrder {
            out_order_no: out_order_no.into(),
            amount: Amount::from_fen(AMOUNT).unwrap(),
            subject: "blue teapot".into(),
            body: None,
            methods: Vec::new(),
            notify_url: None,
            return_url: None,
            cancel_url: None,
            show_url: None,
            expires_in: None,
            attach: None,
            client_ip: None,
            user_id: None,
            platform: None,
            scene: None,
            refers: None,
            extra: BTreeMap::new(),
            nonce: None,
        }
    }

    pub async fn order(&self, out_order_no: &str) -> Order {
        self.cashier.create_order(&self.app, Self::new_order(out_order_no)).await.unwrap()
    }

    pub fn start_of(method: Method) -> Start {
        Start {
            method,
            auth_code: None,
            facts: BTreeMap::new(),
            channel: None,
            client_ip: None,
            actor: "payer".into(),
            nonce: None,
        }
    }

    /// Another account at the same provider.
    pub async fn channel(&self, name: &str, priority: i64, rules: ChannelRules) -> String {
        let input = ChannelInput {
            kind: ChannelKind::WechatV2,
            name: name.into(),
            app_id: None,
            gateway_url: None,
            ca_pem: None,
            methods: None,
            credentials: BTreeMap::new(),
            priority: Some(priority),
            rules: Some(rules),
        };
        self.cashier.import_channel(input, "test").await.unwrap().channel_id.to_string()
    }

    pub async fn start(&self, order: &Order, method: Method) -> Payment {
        self.cashier.start_payment(&order.order_no, Self::start_of(method)).await.unwrap()
    }

    /// The provider's notice about a payment.
    pub async fn notice(&self, pay_no: &str, fen: i64) -> Answer {
        self.notice_to(&self.channel_id, pay_no, fen).await
    }

    pub async fn notice_to(&self, channel_id: &str, pay_no: &str, fen: i64) -> Answer {
        let body = format!("signed {pay_no} {fen}");
        self.cashier.accept_notice(channel_id, NoticeKind::Pay, &[], "", body.as_bytes()).await
    }

    /// The provider asks whether a refund may be; what it hears.
    pub async fn ask_audit(&self, pay_no: &str, number: &str) -> String {
        let body = format!("audit {pay_no} {number}");
        self.cashier.accept_notice(&self.channel_id, NoticeKind::Audit, &[], "", body.as_bytes()).await.body
    }

    /// The provider's news that its refund of this number is done.
    pub async fn refunded(&self, number: &str, pay_no: &str) -> String {
        let body = format!("refunded {number} {pay_no}");
        self.cashier.accept_notice(&self.channel_id, NoticeKind::Refund, &[], "", body.as_bytes()).await.body
    }

    pub async fn bundle(&self, order_no: &OrderNo) -> OrderBundle {
        self.cashier.store().bundle(order_no).await.unwrap().unwrap()
    }

    /// A paid order with its payment.
    pub async fn paid_order(&self, out_order_no: &str) -> (Order, Payment) {
        let order = self.order(out_order_no).await;
        let payment = self.start(&order, Method::WechatNative).await;
        assert!(self.provider.pay(payment.pay_no.as_str(), AMOUNT));
        self.notice(payment.pay_no.as_str(), AMOUNT).await;
        let bundle = self.bundle(&order.order_no).await;
        assert_eq!(bundle.order.status, OrderStatus::Paid);
        (bundle.order, bundle.payments[0].clone())
    }

    pub async fn rules(&self, change: impl FnOnce(&mut App)) {
        let mut app = self.app.clone();
        change(&mut app);
        self.cashier.save_app(app, "test").await.unwrap();
    }

    pub fn pass(&self, seconds: i64) {
        self.world.ms.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    pub async fn events(&self) -> Vec<Event> {
        let page = PageRequest { limit: 1000, ..PageRequest::default() };
        self.cashier.store().events(&EventFilter::default(), &page).await.unwrap().items
    }

    pub async fn events_of(&self, kind: &str) -> usize {
        self.events().await.iter().filter(|e| e.kind.as_str() == kind).count()
    }

    /// Refunds that the provider asked about and that wait for a verdict.
    pub async fn waiting_audits(&self) -> Vec<crate::pay::RefundAudit> {
        self.cashier.store().open_refund_audits(100).await.unwrap()
    }

    pub async fn case_kinds(&self) -> Vec<CaseKind> {
        let page = PageRequest { limit: 1000, ..PageRequest::default() };
        self.cashier.store().cases(&CaseFilter::default(), &page).await.unwrap().items.iter().map(|c| c.kind).collect()
    }

    pub fn app_id(&self) -> AppId {
        self.app.app_id.clone()
    }

    /// What must hold for an order whatever happened.
    pub async fn audit(&self, order_no: &OrderNo) {
        let bundle = self.bundle(order_no).await;
        let paying: Vec<&Payment> = bundle.payments.iter().filter(|p| p.pays_order).collect();
        match bundle.order.status {
            OrderStatus::Paid => assert_eq!(paying.len(), 1, "a paid order is paid by one payment"),
            status => assert!(paying.is_empty(), "{status} and paid"),
        }
        for payment in &bundle.payments {
            let trade = self.provider.trade(payment.pay_no.as_str());
            if payment.status == PaymentStatus::Succeeded {
                assert!(trade.paid.is_some(), "shown paid, but the provider has no money for {}", payment.pay_no);
                let in_case = bundle.cases.iter().any(|c| c.pay_no.as_ref() == Some(&payment.pay_no));
                assert!(payment.pays_order || in_case, "money of {} is neither the order's nor a case", payment.pay_no);
            }
            let back: i64 = trade.refunds.values().filter(|(_, done)| *done).map(|(a, _)| a.fen()).sum();
            assert!(back <= trade.paid.map_or(0, Amount::fen), "more went back than came for {}", payment.pay_no);
        }
        let refunded: i64 = bundle
            .refunds
            .iter()
            .filter(|r| r.case_id.is_none() && r.status == crate::model::RefundStatus::Succeeded)
            .map(|r| r.amount.fen())
            .sum();
        assert_eq!(bundle.order.refunded_amount.fen(), refunded);
        let told = self.events().await.iter().filter(|e| e.kind.as_str() == "order.paid" && e.about == order_no.as_str()).count();
        assert_eq!(told, usize::from(bundle.order.status == OrderStatus::Paid), "one order.paid per paid order");
    }
}
