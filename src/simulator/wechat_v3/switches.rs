//! How the provider behaves as a whole, changed by `POST /wallet/wechat_v3/switches`.

use super::play::Wechat;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What is odd about signed replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyTrick {
    None,
    /// A deliberately wrong signature that says so.
    Probe,
    /// A serial number that belongs to nobody.
    WrongSerial,
}

/// What is odd about notices. They are rightly signed all the same, unless it says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeTrick {
    None,
    /// A deliberately wrong signature that says so.
    Probe,
    /// Signed an hour ago.
    Stale,
    /// About another merchant's order.
    OtherMerchant,
    /// With fields nobody has heard of.
    ExtraFields,
    /// Without associated data.
    EmptyAssociated,
}

/// Usual values are those of the provider in public-key mode.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// Refuse a nonce that was used before.
    pub check_nonces: bool,
    /// Refuse notice addresses that are not HTTPS. Off, since a demonstration has no certificates.
    pub https_only: bool,
    /// Refuse payers' addresses that are not public. Off, since a demonstration's payers sit on this machine.
    pub public_payers_only: bool,
    /// Whether the merchant has platform certificates at all.
    pub has_certificates: bool,
    /// Share of the notices that is signed with the public key; the rest with the newest certificate.
    pub public_key_percent: u8,
    pub replies: ReplyTrick,
    pub notices: NoticeTrick,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            check_nonces: true,
            https_only: false,
            public_payers_only: false,
            has_certificates: true,
            public_key_percent: 100,
            replies: ReplyTrick::None,
            notices: NoticeTrick::None,
        }
    }
}

/// What the address takes: all switches (those left out go back to their usual values), or a change of certificates.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Change {
    Rotate { rotate: bool },
    Retire { retire: bool },
    Switches(Switches),
}

pub async fn change(State(wechat): State<Arc<Wechat>>, Json(change): Json<Change>) -> Json<Switches> {
    match change {
        Change::Rotate { rotate: true } => wechat.certificates().rotate(&wechat.stage),
        Change::Retire { retire: true } => wechat.certificates().retire(),
        Change::Rotate { .. } | Change::Retire { .. } => {}
        Change::Switches(switches) => wechat.set_switches(switches),
    }
    Json(wechat.switches())
}
