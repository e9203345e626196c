//! What a command says when it could not do its work: one text for a person.

use crate::config::Faults;
use crate::pay::Error;
use crate::pay::store::StoreError;

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failure(String);

impl Failure {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl From<Error> for Failure {
    /// Unlike at the edge of the network, whoever reads this owns the machine: causes are shown.
    fn from(error: Error) -> Self {
        Self(match error {
            Error::Store(cause) => cause.to_string(),
            Error::Channel(cause) => cause.to_string(),
            other => other.to_string(),
        })
    }
}

macro_rules! plainly {
    ($($cause:ty),+) => {
        $(impl From<$cause> for Failure {
            fn from(cause: $cause) -> Self {
                Self(cause.to_string())
            }
        })+
    };
}

plainly!(Faults, StoreError, std::io::Error, reqwest::Error, serde_json::Error, crate::model::IdError);
