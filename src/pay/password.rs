//! Password hashing: argon2id, off the async threads, two at a time. A slot must be held to hash, so that a crowd at the
//! door cannot take the processor away from payers.

use super::error::Error;
use super::secret::Secret;
use super::world::World;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

static SLOTS: Semaphore = Semaphore::const_new(2);
const WAIT_FOR_A_SLOT: Duration = Duration::from_secs(3);

/// A hash of nothing in particular with today's parameters: what a name that nobody has is checked against.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5bm9ib2Q$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The right to hash one password now.
pub(super) struct Slot(#[expect(dead_code, reason = "held, not read")] SemaphorePermit<'static>);

/// How a password fits a stored hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    Right,
    /// Right, but hashed with other parameters than today's.
    RightButWeaklyHashed,
    Wrong,
}

/// # Errors
/// `TooMany` when others take too long.
pub(super) async fn slot() -> Result<Slot, Error> {
    match tokio::time::timeout(WAIT_FOR_A_SLOT, SLOTS.acquire()).await {
        Ok(Ok(permit)) => Ok(Slot(permit)),
        _ => Err(Error::TooMany { retry_after_s: 1 }),
    }
}

/// Compares a password with a stored hash, or with nobody's for the same time.
pub(super) async fn check(_slot: &Slot, stored: Option<Secret<String>>, password: Secret<String>) -> Result<Fit, Error> {
    blocking(move || {
        let text = stored.as_ref().map_or(NOBODY, |s| s.expose().as_str());
        let parsed = PasswordHash::new(text).map_err(|e| Error::Internal(format!("stored password hash: {e}")))?;
        let argon = argon()?;
        if argon.verify_password(password.expose().as_bytes(), &parsed).is_err() || stored.is_none() {
            return Ok(Fit::Wrong);
        }
        let now = Params::try_from(&parsed).is_ok_and(|p| (p.m_cost(), p.t_cost(), p.p_cost()) == (MEMORY_KIB, PASSES, LANES));
        Ok(if now && parsed.algorithm.as_str() == "argon2id" { Fit::Right } else { Fit::RightButWeaklyHashed })
    })
    .await
}

/// The PHC string of a password.
pub(super) async fn hash(_slot: &Slot, world: &World, password: Secret<String>) -> Result<Secret<String>, Error> {
    let mut salt = [0u8; 16];
    world.chance.fill(&mut salt);
    blocking(move || {
        let salt = SaltString::encode_b64(&salt).map_err(|e| Error::Internal(e.to_string()))?;
        let hash = argon()?.hash_password(password.expose().as_bytes(), &salt);
        hash.map(|h| Secret::new(h.to_string())).map_err(|e| Error::Internal(e.to_string()))
    })
    .await
}

/// The hash of a password that somebody chose: the rules apply. `name` counts as a thing that is easy to guess.
///
/// # Errors
/// `Invalid` naming the rule.
pub(super) async fn new_hash(slot: &Slot, world: &World, password: Secret<String>, name: &str) -> Result<Secret<String>, Error> {
    let length = password.expose().chars().count();
    if !(12..=128).contains(&length) {
        return Err(Error::invalid("password", "must have 12 to 128 characters"));
    }
    let (candidate, name) = (password.clone(), name.to_owned());
    let strong =
        blocking(move || Ok(zxcvbn::zxcvbn(candidate.expose(), &[&name, "cashier"]).score() >= zxcvbn::Score::Three)).await?;
    if !strong {
        return Err(Error::invalid("password", "is too easy to guess"));
    }
    hash(slot, world, password).await
}

fn argon() -> Result<Argon2<'static>, Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|e| Error::Internal(e.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|e| Error::Internal(format!("password work: {e}")))?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[tokio::test]
    async fn a_hash_fits_its_password_only() {
        let slot = slot().await.unwrap();
        let hash = hash(&slot, &World::system(), secret("correct horse battery")).await.unwrap();
        assert!(hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(check(&slot, Some(hash.clone()), secret("correct horse battery")).await.unwrap(), Fit::Right);
        assert_eq!(check(&slot, Some(hash), secret("correct horse batterz")).await.unwrap(), Fit::Wrong);
        assert_eq!(check(&slot, None, secret("correct horse battery")).await.unwrap(), Fit::Wrong);
    }

    #[tokio::test]
    async fn an_older_hash_fits_and_is_told_apart() {
        let slot = slot().await.unwrap();
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8_192, 1, 1, None).unwrap());
        let salt = SaltString::encode_b64(&[7; 16]).unwrap();
        let stored = secret(&weak.hash_password(b"correct horse battery", &salt).unwrap().to_string());
        assert_eq!(check(&slot, Some(stored), secret("correct horse battery")).await.unwrap(), Fit::RightButWeaklyHashed);
    }

    #[tokio::test]
    async fn short_long_and_common_passwords_are_refused() {
        let slot = slot().await.unwrap();
        let long = "x".repeat(129);
        for bad in ["short", "password1234", "aaaaaaaaaaaa", "qwertyuiop12", long.as_str()] {
            let refused = new_hash(&slot, &World::system(), secret(bad), "li.wei").await;
            assert!(matches!(refused, Err(Error::Invalid { ref field, .. }) if field == "password"), "{bad}");
        }
        assert!(new_hash(&slot, &World::system(), secret("墙上的蓝茶壶会唱歌吗?1987"), "li.wei").await.is_ok());
    }
}
