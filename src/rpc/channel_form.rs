//! Between a kind's declaration and the form on the page, in both directions.

use super::input::given;
use super::names::Names;
use super::zone::DAY_MS;
use crate::model::views::admin::*;
use crate::model::{Amount, AppId, ChannelKind, Method, UiError};
use crate::pay::channel::{CheckReport, Field, Input, MethodSpec};
use crate::pay::{Cashier, CertificateFact, ChannelRecord, ChannelRules, CredentialFact, Credentials, Secret};
use std::collections::BTreeMap;

/// The form of a kind: empty, or with what is stored of a channel.
///
/// # Errors
/// `NotFound` for a kind that is not built in.
pub async fn draw(cashier: &Cashier, kind: ChannelKind, stored: Option<&ChannelRecord>) -> Result<ChannelForm, UiError> {
    let declaration = cashier.factory().declaration(kind).ok_or(UiError::NotFound)?;
    let facts = match stored {
        Some(channel) => cashier.credential_facts(&channel.channel_id).await?,
        None => BTreeMap::new(),
    };
    let rules = match stored {
        Some(channel) => cashier.standing(&channel.channel_id).await?.rules,
        None => ChannelRules::default(),
    };
    let now = cashier.world().now_ms();
    let chosen = |m: Method| stored.is_none_or(|channel| channel.methods.contains(&m));
    Ok(ChannelForm {
        kind,
        fields: declaration.fields.iter().map(|f| field(f, facts.get(f.name), now)).collect(),
        methods: declaration.methods.iter().map(|m| method(m, chosen(m.method))).collect(),
        production_url: declaration.production_url.to_owned(),
        apps: Names::load(cashier).await?.all_apps(),
        place: PlaceForm {
            priority: stored.map_or(100, |channel| channel.priority).to_string(),
            weight: rules.weight.to_string(),
            min_amount: yuan(rules.min_amount),
            max_amount: yuan(rules.max_amount),
        },
    })
}

fn field(declared: &Field, fact: Option<&CredentialFact>, now: i64) -> CredentialField {
    let pair = |(zh, en): (&str, &str)| (zh.to_owned(), en.to_owned());
    CredentialField {
        name: declared.name.to_owned(),
        label: pair(declared.label),
        help: pair(declared.help),
        required: declared.required,
        secret: declared.secret,
        input: match declared.input {
            Input::Text => FieldInput::Text,
            Input::Pem | Input::File => FieldInput::Long,
            Input::Choice(words) => FieldInput::Choice(words.iter().map(|w| (*w).to_owned()).collect()),
        },
        value: fact.and_then(|f| f.plain.clone()),
        hint: fact.filter(|_| declared.secret).map(|f| f.hint.clone()),
        certificates: fact.iter().flat_map(|f| &f.certificates).map(|c| certificate(c, now)).collect(),
    }
}

fn certificate(c: &CertificateFact, now: i64) -> CertificateView {
    CertificateView {
        subject: c.subject.clone(),
        issuer: c.issuer.clone(),
        serial: c.serial.clone(),
        from_at: c.not_before,
        until_at: c.not_after,
        days_left: (c.not_after - now).div_euclid(DAY_MS),
    }
}

fn method(spec: &MethodSpec, chosen: bool) -> MethodChoice {
    MethodChoice {
        method: spec.method,
        min: Amount::from_stored(spec.min).unwrap_or_default(),
        max: Amount::from_stored(spec.max).unwrap_or_default(),
        needs: spec.needs.iter().map(|n| (*n).to_owned()).collect(),
        chosen,
    }
}

/// What a check found, made at `at` (UTC ms).
pub fn report(report: CheckReport, at: i64) -> CheckView {
    let meaning = serde_json::to_value(report.meaning).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
    CheckView { ok: report.ok, asked: report.asked, answered: report.answered, meaning, at }
}

/// Fields that were filled in; an empty one keeps what is stored.
pub fn entered(fields: BTreeMap<String, String>) -> Credentials {
    let filled = fields.into_iter().filter(|(_, value)| !value.trim().is_empty());
    filled.map(|(name, value)| (name, Secret::new(value.trim().to_owned()))).collect()
}

/// The same without what stands in the form because it is stored: saving a form unchanged makes no new version.
///
/// # Errors
/// Storage errors.
pub async fn replaced(
    cashier: &Cashier,
    channel: &ChannelRecord,
    fields: BTreeMap<String, String>,
) -> Result<Credentials, UiError> {
    let facts = cashier.credential_facts(&channel.channel_id).await?;
    // A browser sends line breaks of its own kind.
    let same = |value: &str, stored: &str| value.replace("\r\n", "\n").trim() == stored.replace("\r\n", "\n").trim();
    let is_stored = |name: &str, value: &str| facts.get(name).and_then(|f| f.plain.as_deref()).is_some_and(|p| same(value, p));
    Ok(entered(fields).into_iter().filter(|(name, value)| !is_stored(name, value.expose())).collect())
}

/// The methods that are switched on.
///
/// # Errors
/// `Invalid` for a word that is no method.
pub fn methods(words: &[String]) -> Result<Vec<Method>, UiError> {
    words.iter().map(|word| Method::parse(word).map_err(|_| UiError::invalid("methods", "is not known"))).collect()
}

/// The place among the app's channels; `None` where the field was left empty.
///
/// # Errors
/// `Invalid` for what is no number from -1000 to 1000.
pub fn priority(text: &str) -> Result<Option<i64>, UiError> {
    match given(text) {
        None => Ok(None),
        Some(text) => match text.parse::<i64>() {
            Ok(n) if (-1000..=1000).contains(&n) => Ok(Some(n)),
            _ => Err(UiError::invalid("priority", "must be from -1000 to 1000")),
        },
    }
}

/// Share, and limits typed in yuan; an empty share is the usual one.
///
/// # Errors
/// `Invalid` naming the field that is no number or no amount of yuan.
pub fn rules(weight: &str, min_amount: &str, max_amount: &str) -> Result<ChannelRules, UiError> {
    let weight = match given(weight) {
        None => ChannelRules::default().weight,
        Some(text) => {
            let weight = text.parse().ok().filter(|weight| (0..=1000).contains(weight));
            weight.ok_or_else(|| UiError::invalid("weight", "must be from 0 to 1000"))?
        }
    };
    Ok(ChannelRules { weight, min_amount: fen("min_amount", min_amount)?, max_amount: fen("max_amount", max_amount)? })
}

fn fen(field: &str, text: &str) -> Result<Option<i64>, UiError> {
    let Some(text) = given(text) else { return Ok(None) };
    Amount::parse_yuan(&text).map(|amount| Some(amount.fen())).map_err(|e| UiError::invalid(field, e.to_string()))
}

fn yuan(fen: Option<i64>) -> String {
    fen.and_then(|fen| Amount::from_stored(fen).ok()).map(Amount::yuan).unwrap_or_default()
}

/// The app that alone may use it; `None` for all.
///
/// # Errors
/// `Invalid` for what is no app id.
pub fn optional_app(text: &str) -> Result<Option<AppId>, UiError> {
    match given(text) {
        None => Ok(None),
        Some(text) => AppId::parse(&text).map(Some).map_err(|_| UiError::invalid("app_id", "is not known")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_secret_is_kept() {
        let fields = BTreeMap::from([("key".to_owned(), " \n".to_owned()), ("mch_id".to_owned(), " 100 ".to_owned())]);
        let entered = entered(fields);
        assert_eq!(entered.keys().collect::<Vec<_>>(), ["mch_id"]);
        assert_eq!(entered["mch_id"].expose(), "100");
    }
}
