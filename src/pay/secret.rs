//! Values that must never be printed.

use std::fmt;
use zeroize::Zeroize;

/// A secret: `Debug` and `Display` print `***`, there is no `Serialize`, memory is wiped on drop.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Every call is a place to look at in review.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl Secret<String> {
    /// What a page may show: `…7f2c`.
    #[must_use]
    pub fn hint(&self) -> String {
        let tail: Vec<char> = self.0.trim_end().chars().rev().take(4).collect();
        if self.0.chars().count() < 12 { "…".to_owned() } else { format!("…{}", tail.iter().rev().collect::<String>()) }
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<T: Zeroize> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
