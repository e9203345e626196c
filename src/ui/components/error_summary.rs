//! What went wrong with a form, above it. Errors of a plain form post come back in the page's address, so they are foreign
//! input: shown as text only.

use super::icon::{Icon, IconName};
use super::sentences::{field_label, sentence};
use crate::model::UiError;
use crate::ui::i18n::{t, t_with};
use leptos::prelude::*;

/// An error in the page's language.
#[must_use]
pub fn error_text(error: &UiError) -> String {
    match error {
        UiError::Unauthenticated => t("error-unauthenticated"),
        UiError::Forbidden => t("error-forbidden"),
        UiError::NotFound => t("error-not-found"),
        UiError::Invalid { field, rule } => {
            t_with("error-invalid", &[("field", field_label(field).into()), ("rule", sentence(rule).into())])
        }
        UiError::Conflict { reason } => t_with("error-conflict", &[("reason", sentence(reason).into())]),
        UiError::MethodUnavailable => t("error-method-unavailable"),
        UiError::AmountLimits { min, max } => {
            t_with("error-amount-limits", &[("min", min.display().into()), ("max", max.display().into())])
        }
        UiError::Provider { message } => t_with("error-provider", &[("message", message.into())]),
        UiError::Unclear => t("error-unclear"),
        UiError::TooMany { seconds } => t_with("error-too-many", &[("seconds", i64::from(*seconds).into())]),
        UiError::Unavailable { id } => t_with("error-unavailable", &[("id", id.into())]),
        UiError::Internal { id } => t_with("error-internal", &[("id", id.into())]),
        UiError::Transport => t("error-transport"),
    }
}

/// The rule that a field broke, in the page's language, for showing it in place.
#[must_use]
pub fn field_error(error: Option<&UiError>, name: &str) -> Option<String> {
    match error {
        Some(UiError::Invalid { field, rule }) if field == name => Some(sentence(rule)),
        _ => None,
    }
}

/// Nothing when there is no error.
#[component]
pub fn ErrorSummary(error: Option<UiError>) -> impl IntoView {
    error.map(|error| {
        view! {
            <div class="error-summary" role="alert" data-testid="error">
                <Icon name=IconName::Alert/>
                <p>{error_text(&error)}</p>
            </div>
        }
    })
}
