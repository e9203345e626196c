//! Keyset-paged lists, newest first. Texts are put together of static pieces; values are always parameters.

use super::database::Database;
use super::row::Record;
use super::statement::{Arg, Query};
use crate::pay::store::{Page, PageRequest, StoreError};

/// A number's time may be taken a moment before or after the row's: bounds on the number leave this much room, and the
/// row's own time decides.
const SLACK_MS: i64 = 60_000;
/// Rows of one page at most.
const LONGEST: i64 = 1000;

/// The smallest number of that millisecond.
pub(super) fn bound(ms: i64) -> String {
    const LAST: u64 = (1 << 48) - 1; // the time part of a ULID
    ulid::Ulid::from_parts(u64::try_from(ms).unwrap_or(0).min(LAST), 0).to_string()
}

/// No number of a row created at `ms` or later is smaller.
pub(super) fn lower_bound(ms: i64) -> String {
    bound(ms.saturating_sub(SLACK_MS))
}

/// Every number of a row created before `ms` is smaller.
pub(super) fn upper_bound(ms: i64) -> String {
    bound(ms.saturating_add(SLACK_MS))
}

/// A query being put together.
pub(super) struct List {
    sql: String,
    args: Vec<Arg>,
    key: &'static str,
}

impl List {
    /// `select` must end in a `where` clause; `key` is the unique column that orders the list.
    pub fn new(select: &'static str, key: &'static str) -> Self {
        Self { sql: select.to_owned(), args: Vec::new(), key }
    }

    pub fn add(&mut self, piece: &'static str) -> &mut Self {
        self.sql.push_str(piece);
        self
    }

    /// The next parameter.
    pub fn arg(&mut self, value: impl Into<Arg>) -> &mut Self {
        self.args.push(value.into());
        self.sql.push('$');
        self.sql.push_str(&self.args.len().to_string());
        self
    }

    /// All rows, in whatever order the text so far says.
    pub async fn rows(self, db: &Database) -> Result<Vec<Record>, StoreError> {
        db.scan(Query::of_pieces(self.sql, self.args)).await
    }

    /// One page of a list whose key is a text.
    pub async fn fetch<T>(
        self,
        db: &Database,
        page: &PageRequest,
        read: impl Fn(&Record) -> Result<T, StoreError>,
        key_of: impl Fn(&T) -> String,
    ) -> Result<Page<T>, StoreError> {
        self.fetch_by(db, page.before.as_ref(), page.after.as_ref(), page.limit, read, key_of).await
    }

    /// One page: a row more than asked for tells whether there is another page.
    pub async fn fetch_by<T>(
        mut self,
        db: &Database,
        before: Option<impl Into<Arg>>,
        after: Option<impl Into<Arg>>,
        limit: i64,
        read: impl Fn(&Record) -> Result<T, StoreError>,
        key_of: impl Fn(&T) -> String,
    ) -> Result<Page<T>, StoreError> {
        let limit = limit.clamp(1, LONGEST);
        let key = self.key;
        let (forward, backward) = (after.is_some(), before.is_some());
        if let Some(after) = after {
            self.add(" and ").add(key).add(" > ").arg(after);
        } else if let Some(before) = before {
            self.add(" and ").add(key).add(" < ").arg(before);
        }
        self.add(" order by ").add(key).add(if forward { " limit " } else { " desc limit " }).arg(limit + 1);
        let mut items = self.rows(db).await?.iter().map(read).collect::<Result<Vec<T>, _>>()?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        if forward {
            items.reverse();
        }
        let (has_newer, has_older) = if forward { (more, true) } else { (backward, more) };
        Ok(Page {
            newer: items.first().filter(|_| has_newer).map(&key_of),
            older: items.last().filter(|_| has_older).map(&key_of),
            items,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_enclose_the_numbers_of_their_time() {
        let ms = 1_764_110_000_000;
        let number = |ms: u64| ulid::Ulid::from_parts(ms, u128::MAX >> 48).to_string();
        assert!(lower_bound(ms) < number(1_764_110_000_000 - 50_000));
        assert!(upper_bound(ms) > number(1_764_110_000_000 + 50_000));
        assert!(lower_bound(ms) > number(1_764_110_000_000 - 70_000));
        assert_eq!(lower_bound(i64::MIN), "0".repeat(26));
        assert!(upper_bound(i64::MAX).starts_with("7ZZZZZZZZZ"));
    }
}
