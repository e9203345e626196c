//! Every answer code we know, with what it tells us. An unknown code is doubt, never a yes or a no.
//!
//! Specification 5.1.0, appendix 应答码. Only `respCode` and `origRespCode` count; the texts beside them are for people.

use crate::pay::channel::CheckMeaning;

/// What a code says about the call or the transaction that it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Carried out, or taken in where the result comes later.
    Done,
    /// Nobody knows yet: ask.
    Unknown,
    /// This number was used before: ask for it.
    Duplicate,
    /// There is no such transaction (yet).
    Absent,
    /// A definite no.
    Refused,
    /// Not in the tables: a no only after one question.
    Unlisted,
}

/// The definite refusals of the tables.
const REFUSALS: &[&str] = &[
    "01", "02", "10", "11", "13", "30", "31", "32", "33", "35", "36", "38", "39", "42", "45", "46", "60", "61", "64", "65", "66",
    "67", "68", "69", "71", "73", "86", "88", "98",
];

#[must_use]
pub fn meaning(code: &str) -> Meaning {
    match code {
        // A6: done, with a defect that only accounting cares about.
        "00" | "A6" => Meaning::Done,
        "03" | "04" | "05" | "06" | "37" | "70" | "83" | "99" | "" => Meaning::Unknown,
        "12" => Meaning::Duplicate,
        "34" => Meaning::Absent,
        listed if REFUSALS.contains(&listed) => Meaning::Refused,
        system if system.starts_with('0') => Meaning::Unknown,
        _ => Meaning::Unlisted,
    }
}

/// What a code means as the answer to a question about a number that does not exist.
#[must_use]
pub fn check(code: &str) -> CheckMeaning {
    match code {
        "00" | "34" => CheckMeaning::Works,
        "11" => CheckMeaning::OurSignatureRefused,
        "31" => CheckMeaning::UnknownAccount,
        "02" | "32" => CheckMeaning::NotPermitted,
        _ => CheckMeaning::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_codes_are_doubt() {
        for code in ["03", "04", "05", "06", "07", "09", "37", "70", "83", "99", ""] {
            assert_eq!(meaning(code), Meaning::Unknown, "{code}");
        }
        for code in ["47", "97", "AB", "B1"] {
            assert_eq!(meaning(code), Meaning::Unlisted, "{code}");
        }
    }

    // Pitfall 15.
    #[test]
    fn success_with_a_defect_is_success() {
        assert_eq!(meaning("A6"), Meaning::Done);
        assert_eq!(meaning("00"), Meaning::Done);
    }

    #[test]
    fn tables_are_read_as_written() {
        for code in REFUSALS {
            assert_eq!(meaning(code), Meaning::Refused, "{code}");
        }
        assert_eq!(meaning("12"), Meaning::Duplicate);
        assert_eq!(meaning("34"), Meaning::Absent);
        assert_eq!(check("34"), CheckMeaning::Works);
        assert_eq!(check("11"), CheckMeaning::OurSignatureRefused);
    }
}
