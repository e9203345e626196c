//! The state machine of orders and payments in one place: what news of a provider means for what we have. Pure.

use super::channel::Remote;
use crate::model::{CaseKind, OrderStatus, PaymentStatus};

/// What arrived money means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Money {
    /// It pays the order.
    PaysOrder,
    /// We knew already.
    Known,
    /// Nobody awaited it.
    Unexpected(CaseKind),
}

/// Money arrived for a payment. `fits`: amount as asked for. `same_trade`: the payment has succeeded before with the very
/// same number of the provider.
#[must_use]
pub fn on_money(order: OrderStatus, payment: PaymentStatus, fits: bool, same_trade: bool) -> Money {
    match (order, payment) {
        (_, PaymentStatus::Succeeded) if same_trade => Money::Known,
        (_, PaymentStatus::Succeeded) => Money::Unexpected(CaseKind::Duplicate),
        _ if !fits => Money::Unexpected(CaseKind::AmountMismatch),
        (OrderStatus::Created | OrderStatus::Paying, _) => Money::PaysOrder,
        (OrderStatus::Paid, _) => Money::Unexpected(CaseKind::Duplicate),
        (OrderStatus::Closed, _) => Money::Unexpected(CaseKind::Late),
    }
}

/// Where a payment goes when its provider reports something other than money; `None`: it stays.
#[must_use]
pub fn on_no_money(payment: PaymentStatus, remote: &Remote) -> Option<PaymentStatus> {
    match (payment, remote) {
        (PaymentStatus::Created | PaymentStatus::Pending, Remote::Closed) => Some(PaymentStatus::Closed),
        (PaymentStatus::Created | PaymentStatus::Pending, Remote::Failed { .. }) => Some(PaymentStatus::Failed),
        // Pending and unknown news change nothing; an ended payment is only ever moved by money.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_decides_by_order_and_payment() {
        use CaseKind::{AmountMismatch, Duplicate, Late};
        use Money::{Known, PaysOrder, Unexpected};
        for order in OrderStatus::ALL {
            for payment in PaymentStatus::ALL {
                for (fits, same) in [(true, true), (true, false), (false, true), (false, false)] {
                    let expected = if *payment == PaymentStatus::Succeeded {
                        if same { Known } else { Unexpected(Duplicate) }
                    } else if !fits {
                        Unexpected(AmountMismatch)
                    } else {
                        match order {
                            OrderStatus::Created | OrderStatus::Paying => PaysOrder,
                            OrderStatus::Paid => Unexpected(Duplicate),
                            OrderStatus::Closed => Unexpected(Late),
                        }
                    };
                    assert_eq!(on_money(*order, *payment, fits, same), expected, "{order} {payment} {fits} {same}");
                }
            }
        }
    }

    #[test]
    fn only_definite_answers_end_an_open_payment() {
        let failed = Remote::Failed { code: "X".into(), message: String::new() };
        for payment in PaymentStatus::ALL {
            assert_eq!(on_no_money(*payment, &Remote::Pending), None);
            assert_eq!(on_no_money(*payment, &Remote::Unknown), None);
            let open = payment.is_open();
            assert_eq!(on_no_money(*payment, &Remote::Closed), open.then_some(PaymentStatus::Closed));
            assert_eq!(on_no_money(*payment, &failed), open.then_some(PaymentStatus::Failed));
        }
    }
}
