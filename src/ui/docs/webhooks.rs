//! What a merchant's server hears from us.

use super::parts::{Section, facts, listed, paragraph, points, sample, steps};
use crate::model::EventType;
use crate::model::views::docs::DocsView;
use crate::ui::i18n::{t, t_of, t_of_with, t_with};
use leptos::prelude::*;

pub fn webhooks(view: &DocsView) -> Section {
    let events = facts(EventType::ALL.iter().map(|kind| (kind.to_string(), t_of("docs-event", kind.as_str()))));
    let headers = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    let headers = facts(headers.map(|name| (name.to_owned(), t_of("docs-header", name))));
    let check = steps([t("docs-verify-key"), t("docs-verify-text"), t("docs-verify-mac"), t("docs-verify-fresh")]);
    let gaps = listed(view.webhook_gaps_s.iter().map(|seconds| gap(*seconds)));
    let delivery =
        points([t("docs-delivery-answer"), t_with("docs-delivery-again", &[("gaps", gaps.into())]), t("docs-delivery-twice")]);
    let sent = view.webhook.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n");
    let body = view! {
        {paragraph(&t("docs-webhooks-about"))}
        <h3 id="events">{t("docs-events")}</h3>
        {events}
        <h3 id="delivery">{t("docs-delivery")}</h3>
        {delivery}
        <h3 id="verify">{t("docs-verify")}</h3>
        {headers}
        {check}
        {sample(t("docs-verify-secret"), view.webhook.example_secret)}
        {sample(t("docs-verify-headers"), &sent)}
        {sample(t("docs-verify-body"), &view.webhook.body)}
    };
    Section::new("webhooks", t("docs-webhooks"), body)
}

/// `300` → `5 min`
fn gap(seconds: i64) -> String {
    let (number, unit) = match seconds {
        s if s > 0 && s % 3600 == 0 => (s / 3600, "h"),
        s if s > 0 && s % 60 == 0 => (s / 60, "min"),
        s => (s, "s"),
    };
    t_of_with("docs-gap", unit, &[("number", number.into())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::i18n::Lang;

    #[test]
    fn gaps_are_said_in_the_largest_unit_that_fits() {
        Owner::new().with(|| {
            provide_context(Lang::En);
            assert_eq!([5, 90, 300, 7200, 86_400].map(gap), ["5 s", "90 s", "5 min", "2 h", "24 h"]);
        });
    }
}
