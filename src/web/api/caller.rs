//! Who is calling, and may they: app, rate, timestamp, signature, in this order. Nothing is written on the way, so a
//! refused call costs no database write and can be repeated corrected.

use super::codes::{Code, Failure};
use super::envelope::Signer;
use super::rules::integer;
use crate::model::AppId;
use crate::pay::signing::{Fields, SignType, canonical_text};
use crate::pay::{AppWithKeys, Nonce};
use crate::web::AppState;
use std::net::IpAddr;
use std::sync::Arc;

/// How far a timestamp may be from our clock, seconds.
pub const WINDOW_S: i64 = 300;

/// What the check has found so far: an answer to a refused call is signed when the app is known.
pub struct Caller {
    pub signer: Signer,
    pub timestamp: i64,
}

/// Finds the app.
///
/// # Errors
/// 280001 without `app_id`, 280104 for an unknown or disabled one.
pub async fn find_app(state: &AppState, fields: &Fields) -> Result<Arc<AppWithKeys>, Failure> {
    let app_id = fields.get("app_id").filter(|v| !v.is_empty()).ok_or_else(|| Failure::missing("app_id"))?;
    let unknown = || Failure::new(Code::UnknownApp, "the app is unknown or switched off");
    let app_id = AppId::parse(app_id).map_err(|_| unknown())?;
    let app = state.cashier.app_with_keys(&app_id).await.map_err(Failure::from)?;
    app.filter(|a| a.app.enabled).ok_or_else(unknown)
}

/// How the answer is signed, whatever comes next: as the request says, unless that is the fault.
pub fn sign_type_of(app: &AppWithKeys, fields: &Fields) -> Result<SignType, Failure> {
    let Some(text) = fields.get("sign_type").filter(|v| !v.is_empty()) else { return Ok(SignType::HmacSha256) };
    match SignType::parse(text) {
        Some(SignType::Md5) if !app.app.settings.allow_md5 => {
            Err(Failure::invalid("sign_type", "MD5 is not allowed for this app"))
        }
        Some(sign_type) => Ok(sign_type),
        None => Err(Failure::invalid("sign_type", "must be HMAC-SHA256, RSA2 or MD5")),
    }
}

/// # Errors
/// 280601 when this app has created too many orders, or has signed wrongly too often from this address.
pub fn check_rate(state: &AppState, app_id: &AppId, address: IpAddr, creates: bool) -> Result<(), Failure> {
    let failed = state.limiters.failed_signatures.check(&(app_id.clone(), address));
    let created = if creates { state.limiters.orders.check(app_id) } else { Ok(()) };
    failed.and(created).map_err(|wait| Failure::too_many(wait.0))
}

/// Counts a creation against its app's share: only once it is certain that the app asked for it.
///
/// # Errors
/// 280601.
pub fn use_rate(state: &AppState, app_id: &AppId) -> Result<(), Failure> {
    state.limiters.orders.take(app_id).map_err(|wait| Failure::too_many(wait.0))
}

/// The timestamp as a number.
///
/// # Errors
/// 280001, 280002.
pub fn timestamp_of(fields: &Fields) -> Result<i64, Failure> {
    let text = fields.get("timestamp").filter(|v| !v.is_empty()).ok_or_else(|| Failure::missing("timestamp"))?;
    integer(text).ok_or_else(|| Failure::invalid("timestamp", "must be Unix seconds"))
}

/// # Errors
/// 280102.
pub fn check_window(state: &AppState, timestamp: i64) -> Result<(), Failure> {
    let now = state.cashier.world().now_ms().div_euclid(1000);
    if now.abs_diff(timestamp) <= WINDOW_S.unsigned_abs() {
        Ok(())
    } else {
        Err(Failure::new(
            Code::StaleTimestamp,
            format!("timestamp is more than {WINDOW_S} s away from our clock, which says {now}"),
        ))
    }
}

/// # Errors
/// 280001 without `sign`, 280101 when it does not fit (which is counted).
pub fn check_signature(
    state: &AppState,
    app: &AppWithKeys,
    sign_type: SignType,
    fields: &Fields,
    address: IpAddr,
) -> Result<(), Failure> {
    let sign = fields.get("sign").filter(|v| !v.is_empty()).ok_or_else(|| Failure::missing("sign"))?;
    if state.cashier.verify_call(app, sign_type, &canonical_text(fields), sign) {
        return Ok(());
    }
    state.limiters.failed_signatures.count((app.app.app_id.clone(), address));
    Err(Failure::new(Code::BadSignature, "the signature does not fit"))
}

/// The nonce of a call that has passed everything else. Kept until its timestamp is stale.
///
/// # Errors
/// 280001, 280002.
pub fn nonce_of(fields: &Fields, timestamp: i64) -> Result<Nonce, Failure> {
    let value = fields.get("nonce").filter(|v| !v.is_empty()).ok_or_else(|| Failure::missing("nonce"))?;
    if !(8..=64).contains(&value.chars().count()) || value.chars().any(char::is_control) {
        return Err(Failure::invalid("nonce", "must be 8 to 64 characters"));
    }
    // One second more than the window, since the comparison drops parts of a second.
    Ok(Nonce { value: value.clone(), expires_at: timestamp.saturating_add(WINDOW_S + 1).saturating_mul(1000) })
}

/// All checks before the fields of the call itself.
///
/// # Errors
/// The first fault, with the signer as far as it is known.
pub async fn check(
    state: &AppState,
    fields: &Fields,
    address: IpAddr,
    creates: bool,
) -> Result<Caller, (Option<Signer>, Failure)> {
    let app = find_app(state, fields).await.map_err(|f| (None, f))?;
    let sign_type = sign_type_of(&app, fields);
    let signer = Signer { app: app.clone(), sign_type: sign_type.as_ref().copied().unwrap_or(SignType::HmacSha256) };
    let signed = |f: Failure| (Some(signer.clone()), f);
    check_rate(state, &app.app.app_id, address, creates).map_err(signed)?;
    let timestamp = timestamp_of(fields).map_err(signed)?;
    check_window(state, timestamp).map_err(signed)?;
    let sign_type = sign_type.map_err(signed)?;
    check_signature(state, &app, sign_type, fields, address).map_err(signed)?;
    if creates {
        use_rate(state, &app.app.app_id).map_err(signed)?;
    }
    Ok(Caller { signer, timestamp })
}
