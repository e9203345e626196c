//! The wallet's texts in Chinese and English.

use crate::model::Brand;
use axum::http::{HeaderMap, header};

/// A page's language.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    Zh,
    En,
}

impl Lang {
    /// The first of `Accept-Language` that we have; Chinese where nothing is said.
    pub fn of(headers: &HeaderMap) -> Self {
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let known = accepted.split(',').map(|part| part.trim_start()).find_map(|tag| match tag.get(..2) {
            Some(zh) if zh.eq_ignore_ascii_case("zh") => Some(Self::Zh),
            Some(en) if en.eq_ignore_ascii_case("en") => Some(Self::En),
            _ => None,
        });
        known.unwrap_or(Self::Zh)
    }

    pub fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    pub fn pick(self, zh: &'static str, en: &'static str) -> &'static str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    pub fn brand(self, brand: Brand) -> &'static str {
        match brand {
            Brand::Wechat => self.pick("微信支付", "WeChat Pay"),
            Brand::Alipay => self.pick("支付宝", "Alipay"),
            Brand::Qq => self.pick("QQ钱包", "QQ Wallet"),
            Brand::Unionpay => self.pick("云闪付", "UnionPay"),
            Brand::Baidu => self.pick("度小满支付", "Baidu Pay"),
            Brand::Jd => self.pick("京东支付", "JD Pay"),
            Brand::Lianlian => self.pick("连连支付", "LianLian Pay"),
        }
    }

    pub fn account(self, account: &str) -> &'static str {
        match account {
            "xiaoming" => self.pick("小明（零钱充足）", "Xiaoming (enough money)"),
            "xiaohong" => self.pick("小红（另一位付款人）", "Xiaohong (another payer)"),
            "coupons" => self.pick("小刚（有代金券）", "Xiaogang (has coupons)"),
            _ => self.pick("小李（余额不足）", "Xiaoli (no money)"),
        }
    }

    pub fn behaviour(self, behaviour: &str) -> &'static str {
        match behaviour {
            "ok" => self.pick("正常付款", "Pay as usual"),
            "no_notice" => self.pick("付款成功，不发通知", "Paid, the notice never comes"),
            "late" => self.pick("关单后仍付款，通知迟到", "Paid after closing, late notice"),
            "twice" => self.pick("通知同时发两次", "The notice comes twice"),
            "wrong_amount" => self.pick("付款金额不符", "Another amount is paid"),
            "bad_signature" => self.pick("前两次通知签名错误", "First notices badly signed"),
            "fail" => self.pick("付款失败", "The payment fails"),
            "password" => self.pick("先输密码，稍后完成", "Types a password first"),
            "refund_stuck" => self.pick("退款一直处理中", "Refunds stay in progress"),
            "slow" => self.pick("接口响应很慢", "The provider answers slowly"),
            _ => self.pick("接口暂时不可用", "The provider is down for a while"),
        }
    }

    /// Heading and sentence for an outcome or a state; the sentence says whether money moved.
    pub fn outcome(self, outcome: &str) -> (&'static str, &'static str) {
        match outcome {
            "paid" => (self.pick("支付成功", "Paid"), self.pick("款项已付给商家。", "The money went to the merchant.")),
            "paying" => (
                self.pick("支付处理中", "In progress"),
                self.pick(
                    "正在确认密码，几秒后自动完成，请稍后刷新。",
                    "The password is being checked; reload in a few seconds.",
                ),
            ),
            "closed" => (self.pick("订单已关闭", "Order closed"), self.pick("没有扣款。", "No money was taken.")),
            "expired" => (
                self.pick("订单已过期", "Expired"),
                self.pick("没有扣款，请回到商家重新下单。", "No money was taken. Order again at the merchant's."),
            ),
            "already_paid" => (
                self.pick("订单已支付", "Already paid"),
                self.pick("这笔订单已经付过，没有再次扣款。", "This order was paid before. No money was taken again."),
            ),
            "not_enough" => (
                self.pick("余额不足", "Not enough money"),
                self.pick("没有扣款，请换一个账户。", "No money was taken. Choose another account."),
            ),
            "other_payer" => (
                self.pick("已由他人打开", "Opened by somebody else"),
                self.pick("没有扣款，请由原付款人继续。", "No money was taken. The first payer must go on."),
            ),
            _ => (
                self.pick("支付失败", "Not paid"),
                self.pick("没有扣款，可以再试一次。", "No money was taken. You may try again."),
            ),
        }
    }
}
