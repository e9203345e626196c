//! Faults, switched on for the next answers or notices: they exercise a client's care with certificates and signatures and
//! its handling of "nobody knows what happened".

use super::account::Leaf;
use serde::Deserialize;

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "switch", rename_all = "snake_case")]
pub enum Switch {
    /// The message lacks its signature.
    DropSign,
    /// The signature does not fit.
    CorruptSign,
    /// The certificate's lines end in LF, although they were signed with CR LF.
    LineEnds,
    /// Signed with a rightful certificate of somebody else's.
    WrongName,
    /// Signed with a certificate of the past.
    Expired,
    /// Signed with a certificate of a foreign authority.
    ForeignAuthority,
    /// The call is done and answered with this code.
    Answer { code: String },
    /// The question is answered with this code as the transaction's own.
    Original { code: String },
    /// The call is done, then the connection breaks.
    Cut,
    /// The front end answers 502 and the call is not done.
    #[serde(rename = "http_502")]
    Http502,
    /// A refund or undoing that is taken in fails afterwards.
    RefundFails,
    /// From now on another certificate signs. Stays on.
    Rotate,
    /// Settlement files are there at once. Stays on.
    FilesAtOnce,
}

/// Which faults wait.
#[derive(Default)]
pub struct Switches {
    waiting: Vec<(Switch, u32)>,
    pub rotated: bool,
    pub files_at_once: bool,
}

impl Switches {
    /// Switches a fault on for the next `times`.
    pub fn set(&mut self, switch: Switch, times: u32) {
        match switch {
            Switch::Rotate => self.rotated = times > 0,
            Switch::FilesAtOnce => self.files_at_once = times > 0,
            other if times > 0 => self.waiting.push((other, times)),
            _ => {}
        }
    }

    /// The first waiting fault that `fits`.
    pub fn take(&mut self, fits: impl Fn(&Switch) -> bool) -> Option<Switch> {
        let at = self.waiting.iter().position(|(switch, _)| fits(switch))?;
        let (switch, left) = self.waiting.get_mut(at)?;
        let switch = switch.clone();
        *left -= 1;
        if *left == 0 {
            self.waiting.remove(at);
        }
        Some(switch)
    }

    /// The certificate that signs where no fault says otherwise.
    #[must_use]
    pub fn leaf(&self) -> Leaf {
        if self.rotated { Leaf::Next } else { Leaf::Current }
    }
}

impl Switch {
    /// Whether it spoils how a message is signed.
    #[must_use]
    pub fn is_about_signing(&self) -> bool {
        self.leaf().is_some() || matches!(self, Self::DropSign | Self::CorruptSign | Self::LineEnds)
    }

    /// The certificate it makes the gateway sign with.
    #[must_use]
    pub fn leaf(&self) -> Option<Leaf> {
        match self {
            Self::WrongName => Some(Leaf::Stranger),
            Self::Expired => Some(Leaf::Expired),
            Self::ForeignAuthority => Some(Leaf::Foreign),
            _ => None,
        }
    }
}
