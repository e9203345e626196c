//! What stands in the fields of forms and addresses.

use crate::model::{Amount, UiError};

/// What was filled in, without the spaces around it; `None` for a field that was left empty.
#[must_use]
pub fn given(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// An amount of money to move, typed in yuan.
///
/// # Errors
/// `Invalid` for what is no amount, or zero.
pub fn money(field: &str, text: &str) -> Result<Amount, UiError> {
    let amount = Amount::parse_yuan(text.trim()).map_err(|e| UiError::invalid(field, e.to_string()))?;
    if amount.is_zero() { Err(UiError::invalid(field, "must be more than zero")) } else { Ok(amount) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_alone_are_nothing() {
        assert_eq!(given(" tea \n").as_deref(), Some("tea"));
        assert_eq!((given(""), given(" \t")), (None, None));
    }

    #[test]
    fn nothing_is_no_money() {
        assert_eq!(money("amount", " 1.5 ").map(Amount::fen), Ok(150));
        for bad in ["", "0", "0.00", "-1", "1e3"] {
            assert!(matches!(money("amount", bad), Err(UiError::Invalid { field, .. }) if field == "amount"), "{bad}");
        }
    }
}
