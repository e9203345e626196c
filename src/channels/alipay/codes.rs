//! Every result code we know, with what it tells us. An unknown code is doubt, never a yes or a no.
//!
//! Provider's document: 公共错误码, and the error tables of `alipay.trade.*`.

use crate::pay::channel::CheckMeaning;

/// What a code says about the call that it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// The call was carried out; the fields say the rest.
    Done,
    /// The payer has to confirm on the phone.
    Waiting,
    /// Nobody knows: ask, or repeat the same call.
    Unclear,
    /// There is no such trade (yet).
    Absent,
    /// The trade is paid.
    Paid,
    /// The trade is in another state than the call assumed: ask for it and follow.
    Follow,
    /// Not now; the same call later can succeed.
    Later,
    /// A definite no: the call had no effect.
    Refused,
}

/// One row of the table.
#[derive(Debug)]
pub struct Row {
    pub code: &'static str,
    pub meaning: Meaning,
    /// Somebody has to look at the account or its configuration.
    pub needs_staff: bool,
    /// What it means as the answer to the credentials' check.
    pub check: CheckMeaning,
}

const fn row(code: &'static str, meaning: Meaning) -> Row {
    Row { code, meaning, needs_staff: false, check: CheckMeaning::Other }
}

const fn staff(code: &'static str, check: CheckMeaning) -> Row {
    Row { code, meaning: Meaning::Refused, needs_staff: true, check }
}

use CheckMeaning::{NotPermitted, Other, OurSignatureRefused, UnknownAccount, Unreachable, Works};
use Meaning::{Absent, Done, Follow, Later, Paid, Refused, Unclear, Waiting};

/// The gateway's own codes.
pub const GATEWAY: &[Row] = &[
    Row { code: "10000", meaning: Done, needs_staff: false, check: Works },
    row("10003", Waiting),
    Row { code: "20000", meaning: Unclear, needs_staff: false, check: Unreachable },
    staff("20001", NotPermitted),
    staff("40001", Other),
    staff("40002", Other),
    staff("40003", UnknownAccount),
    row("40004", Unclear), // decided by its sub code; alone it says nothing
    Row { code: "40005", meaning: Unclear, needs_staff: false, check: Unreachable },
    staff("40006", NotPermitted),
];

/// The sub codes.
pub const DETAILS: &[Row] = &[
    // 20000
    Row { code: "isp.unknow-error", meaning: Unclear, needs_staff: false, check: Unreachable },
    Row { code: "aop.unknow-error", meaning: Unclear, needs_staff: false, check: Unreachable },
    // 20001
    staff("aop.invalid-auth-token", NotPermitted),
    staff("aop.auth-token-time-out", NotPermitted),
    staff("aop.invalid-app-auth-token", NotPermitted),
    staff("aop.invalid-app-auth-token-no-api", NotPermitted),
    staff("aop.app-auth-token-time-out", NotPermitted),
    staff("aop.no-product-reg-by-partner", NotPermitted),
    // 40001
    staff("isv.missing-method", Other),
    staff("isv.missing-signature", OurSignatureRefused),
    staff("isv.missing-signature-type", OurSignatureRefused),
    staff("isv.missing-signature-key", OurSignatureRefused),
    staff("isv.missing-app-id", UnknownAccount),
    staff("isv.missing-timestamp", Other),
    staff("isv.missing-version", Other),
    staff("isv.decryption-error-missing-encrypt-type", Other),
    // 40002
    staff("isv.invalid-parameter", Other),
    staff("isv.invalid-method", Other),
    staff("isv.invalid-format", Other),
    staff("isv.invalid-signature-type", OurSignatureRefused),
    staff("isv.invalid-signature", OurSignatureRefused),
    staff("isv.invalid-encrypt-type", Other),
    staff("isv.invalid-encrypt", Other),
    staff("isv.invalid-app-id", UnknownAccount),
    staff("isv.invalid-timestamp", Other),
    staff("isv.invalid-charset", Other),
    staff("isv.invalid-digest", Other),
    staff("isv.missing-signature-config", OurSignatureRefused),
    staff("isv.not-support-app-auth", NotPermitted),
    staff("isv.code-invalid", Other),
    staff("isv.app-not-exist", UnknownAccount),
    // 40003
    staff("isv.invalid-auth-relations", UnknownAccount),
    // 40006
    staff("isv.insufficient-isv-permissions", NotPermitted),
    staff("isv.insufficient-user-permissions", NotPermitted),
    // 40004
    Row { code: "ACQ.SYSTEM_ERROR", meaning: Unclear, needs_staff: false, check: Unreachable },
    staff("ACQ.INVALID_PARAMETER", Other),
    Row { code: "ACQ.TRADE_NOT_EXIST", meaning: Absent, needs_staff: false, check: Works },
    row("ACQ.TRADE_HAS_SUCCESS", Paid),
    row("ACQ.TRADE_HAS_CLOSE", Follow),
    row("ACQ.TRADE_HAS_FINISHED", Follow),
    row("ACQ.CONTEXT_INCONSISTENT", Refused),
    row("ACQ.TRADE_STATUS_ERROR", Follow),
    row("ACQ.REASON_TRADE_STATUS_INVALID", Follow),
    row("ACQ.REASON_ILLEGAL_STATUS", Follow),
    row("ACQ.PAYMENT_AUTH_CODE_INVALID", Refused),
    row("ACQ.BUYER_BALANCE_NOT_ENOUGH", Refused),
    row("ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH", Refused),
    row("ACQ.ERROR_BALANCE_PAYMENT_DISABLE", Refused),
    row("ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR", Refused),
    row("ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR", Refused),
    row("ACQ.BUYER_ENABLE_STATUS_FORBID", Refused),
    row("ACQ.PULL_MOBILE_CASHIER_FAIL", Refused),
    row("ACQ.MOBILE_PAYMENT_SWITCH_OFF", Refused),
    row("ACQ.ERROR_BUYER_CERTIFY_LEVEL_LIMIT", Refused),
    row("ACQ.PAYMENT_FAIL", Refused),
    row("ACQ.BUYER_SELLER_EQUAL", Refused),
    row("ACQ.TRADE_BUYER_NOT_MATCH", Refused),
    row("ACQ.TOTAL_FEE_EXCEED", Refused),
    row("ACQ.BEYOND_PAY_RESTRICTION", Refused),
    row("ACQ.BEYOND_PER_RECEIPT_RESTRICTION", Refused),
    row("ACQ.EXIST_FORBIDDEN_WORD", Refused),
    staff("ACQ.PAYMENT_REQUEST_HAS_RISK", Other),
    staff("ACQ.SELLER_BEEN_BLOCKED", UnknownAccount),
    staff("ACQ.ACCESS_FORBIDDEN", NotPermitted),
    staff("ACQ.PARTNER_ERROR", UnknownAccount),
    staff("ACQ.INVALID_STORE_ID", Other),
    staff("ACQ.RISK_MERCHANT_IP_NOT_EXIST", Other),
    row("ACQ.REASON_TRADE_REFUND_FEE_ERR", Refused),
    row("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", Refused),
    staff("ACQ.DISCORDANT_REPEAT_REQUEST", Other),
    Row { code: "ACQ.SELLER_BALANCE_NOT_ENOUGH", meaning: Later, needs_staff: true, check: Other },
    row("ACQ.TRADE_NOT_ALLOW_REFUND", Refused),
    row("ACQ.REASON_TRADE_BEEN_FREEZEN", Refused),
    row("ACQ.TRADE_CANCEL_TIME_OUT", Follow),
    row("ACQ.CANCEL_NOT_ALLOWED", Follow),
];

/// A sub code without the prefix that some older replies put before business codes.
#[must_use]
pub fn bare(sub_code: &str) -> &str {
    match sub_code.strip_prefix("aop.") {
        Some(rest) if rest.starts_with("ACQ.") => rest,
        _ => sub_code,
    }
}

fn find(table: &'static [Row], code: &str) -> Option<&'static Row> {
    table.iter().find(|row| row.code == code)
}

/// The row that decides: a business failure is what its sub code says, anything else what the gateway's code says.
#[must_use]
pub fn decide(code: &str, sub_code: &str) -> Meaning {
    let row = if code == "40004" { find(DETAILS, bare(sub_code)) } else { find(GATEWAY, code) };
    row.map_or(Unclear, |row| row.meaning)
}

/// Whether a code is a definite no.
#[must_use]
pub fn is_refusal(code: &str, sub_code: &str) -> bool {
    let row = find(DETAILS, bare(sub_code)).or_else(|| find(GATEWAY, code));
    row.is_some_and(|row| row.meaning == Refused)
}

/// Whether staff should hear of it.
#[must_use]
pub fn needs_staff(code: &str, sub_code: &str) -> bool {
    [find(DETAILS, bare(sub_code)), find(GATEWAY, code)].into_iter().flatten().any(|row| row.needs_staff)
}

/// What the answer to a check means: the sub code if it is known, or else the gateway's code.
#[must_use]
pub fn check(code: &str, sub_code: &str) -> CheckMeaning {
    find(DETAILS, bare(sub_code)).or_else(|| find(GATEWAY, code)).map_or(Other, |row| row.check)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_code_stands_twice() {
        let codes: BTreeSet<&str> = GATEWAY.iter().chain(DETAILS).map(|row| row.code).collect();
        assert_eq!(codes.len(), GATEWAY.len() + DETAILS.len());
    }

    #[test]
    fn gateway_codes_decide_alone() {
        for (code, meaning) in [
            ("10000", Done),
            ("10003", Waiting),
            ("20000", Unclear),
            ("20001", Refused),
            ("40001", Refused),
            ("40002", Refused),
            ("40003", Refused),
            ("40005", Unclear),
            ("40006", Refused),
            ("50000", Unclear),
            ("", Unclear),
        ] {
            assert_eq!(decide(code, ""), meaning, "{code}");
            assert_eq!(decide(code, "isv.never-seen"), meaning, "{code}");
        }
    }

    #[test]
    fn business_codes_decide_by_sub_code() {
        let expected: &[(Meaning, &[&str])] = &[
            (Unclear, &["SYSTEM_ERROR", "NEVER_SEEN", ""]),
            (Absent, &["TRADE_NOT_EXIST"]),
            (Paid, &["TRADE_HAS_SUCCESS"]),
            (
                Follow,
                &[
                    "TRADE_HAS_CLOSE",
                    "TRADE_HAS_FINISHED",
                    "TRADE_STATUS_ERROR",
                    "REASON_TRADE_STATUS_INVALID",
                    "REASON_ILLEGAL_STATUS",
                    "TRADE_CANCEL_TIME_OUT",
                    "CANCEL_NOT_ALLOWED",
                ],
            ),
            (Later, &["SELLER_BALANCE_NOT_ENOUGH"]),
            (
                Refused,
                &[
                    "INVALID_PARAMETER",
                    "CONTEXT_INCONSISTENT",
                    "PAYMENT_AUTH_CODE_INVALID",
                    "BUYER_BALANCE_NOT_ENOUGH",
                    "BUYER_BANKCARD_BALANCE_NOT_ENOUGH",
                    "ERROR_BALANCE_PAYMENT_DISABLE",
                    "BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR",
                    "BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR",
                    "BUYER_ENABLE_STATUS_FORBID",
                    "PULL_MOBILE_CASHIER_FAIL",
                    "MOBILE_PAYMENT_SWITCH_OFF",
                    "ERROR_BUYER_CERTIFY_LEVEL_LIMIT",
                    "PAYMENT_FAIL",
                    "BUYER_SELLER_EQUAL",
                    "TRADE_BUYER_NOT_MATCH",
                    "TOTAL_FEE_EXCEED",
                    "BEYOND_PAY_RESTRICTION",
                    "BEYOND_PER_RECEIPT_RESTRICTION",
                    "EXIST_FORBIDDEN_WORD",
                    "PAYMENT_REQUEST_HAS_RISK",
                    "SELLER_BEEN_BLOCKED",
                    "ACCESS_FORBIDDEN",
                    "PARTNER_ERROR",
                    "INVALID_STORE_ID",
                    "RISK_MERCHANT_IP_NOT_EXIST",
                    "REASON_TRADE_REFUND_FEE_ERR",
                    "REFUND_AMT_NOT_EQUAL_TOTAL",
                    "DISCORDANT_REPEAT_REQUEST",
                    "TRADE_NOT_ALLOW_REFUND",
                    "REASON_TRADE_BEEN_FREEZEN",
                ],
            ),
        ];
        let mut seen = 0;
        for (meaning, codes) in expected {
            for code in *codes {
                assert_eq!(decide("40004", &format!("ACQ.{code}")), *meaning, "{code}");
                assert_eq!(decide("40004", &format!("aop.ACQ.{code}")), *meaning, "the older prefix: {code}");
                seen += usize::from(find(DETAILS, &format!("ACQ.{code}")).is_some());
            }
        }
        let all = DETAILS.iter().filter(|row| row.code.starts_with("ACQ.")).count();
        assert_eq!(seen, all, "every business code of the table is covered here");
    }

    #[test]
    fn account_trouble_is_told_to_staff() {
        for (code, sub_code) in [
            ("40006", "isv.insufficient-isv-permissions"),
            ("40002", "isv.invalid-signature"),
            ("20001", "aop.no-product-reg-by-partner"),
            ("40001", "isv.something-new"),
            ("40004", "ACQ.SELLER_BEEN_BLOCKED"),
            ("40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH"),
        ] {
            assert!(needs_staff(code, sub_code), "{sub_code}");
        }
        assert!(!needs_staff("40004", "ACQ.TRADE_NOT_EXIST"));
        assert!(!needs_staff("40004", "ACQ.BUYER_BALANCE_NOT_ENOUGH"));
        assert!(!needs_staff("20000", "aop.unknow-error"));
    }

    #[test]
    fn checks_name_the_fault() {
        for (code, sub_code, meaning) in [
            ("40004", "ACQ.TRADE_NOT_EXIST", Works),
            ("10000", "", Works),
            ("40002", "isv.invalid-signature", OurSignatureRefused),
            ("40001", "isv.missing-signature-key", OurSignatureRefused),
            ("40002", "isv.missing-signature-config", OurSignatureRefused),
            ("40002", "isv.invalid-app-id", UnknownAccount),
            ("40002", "isv.app-not-exist", UnknownAccount),
            ("40003", "isv.invalid-auth-relations", UnknownAccount),
            ("40006", "isv.insufficient-isv-permissions", NotPermitted),
            ("40006", "isv.something-new", NotPermitted),
            ("20001", "aop.invalid-auth-token", NotPermitted),
            ("40004", "ACQ.ACCESS_FORBIDDEN", NotPermitted),
            ("20000", "isp.unknow-error", Unreachable),
            ("40004", "ACQ.NEVER_SEEN", Other),
            ("40002", "isv.invalid-timestamp", Other),
        ] {
            assert_eq!(check(code, sub_code), meaning, "{code} {sub_code}");
        }
    }
}
