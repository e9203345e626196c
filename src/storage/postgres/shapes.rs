//! Joins statements into one SQL text, so that they cost one way to the server and not one each. They come in few
//! combinations, so the joined texts are kept, and with them the prepared statements.
//!
//! The parts become the data-modifying terms of a `with`, which all see the same state; therefore no two of them may touch
//! the same rows.

use crate::storage::statement::{Arg, Expect, Statement, renumbered};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Shapes beyond this number are joined afresh each time.
const KEPT: usize = 64;
/// Longer units are cut, since rare shapes should not push out common ones.
const LONGEST: usize = 16;

/// Joined texts by the addresses of the static texts they are made of.
pub(super) struct Shapes {
    longest: usize,
    known: Mutex<HashMap<Shape, Arc<str>>>,
}

/// Addresses and lengths of the texts, and what is expected of each.
type Shape = Vec<(usize, usize, Expect)>;

impl Default for Shapes {
    fn default() -> Self {
        Self { longest: LONGEST, known: Mutex::default() }
    }
}

impl Shapes {
    /// Joins nothing: each statement travels alone.
    pub fn single() -> Self {
        Self { longest: 1, ..Self::default() }
    }

    /// How many of these statements, from the first one on, may be terms of one `with`.
    pub fn reach(&self, statements: &[&Statement]) -> usize {
        let mut seen: Vec<Target<'_>> = Vec::new();
        for statement in statements.iter().take(self.longest) {
            match Target::of(statement) {
                Some(target) if seen.iter().all(|s| s.bears(&target)) => seen.push(target),
                _ => break,
            }
        }
        seen.len().max(1)
    }

    /// One statement that carries all of them out, or fails when a condition does.
    pub fn chain(&self, statements: &[&Statement]) -> Arc<str> {
        let key: Shape = statements.iter().map(|s| (s.sql.as_ptr().addr(), s.sql.len(), s.expect)).collect();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(text) = known.get(&key) {
            return text.clone();
        }
        let text: Arc<str> = chain(statements).into();
        if known.len() < KEPT {
            known.insert(key, text.clone());
        }
        text
    }
}

/// What a writing statement touches.
struct Target<'a> {
    table: &'a str,
    /// The only row of it, if that is known.
    row: Option<&'a [Arg]>,
    /// Adds rows that no other statement of the unit can have made.
    adds: bool,
}

impl<'a> Target<'a> {
    fn of(statement: &'a Statement) -> Option<Self> {
        let (sql, row) = (statement.sql, statement.row());
        if sql.contains(" returning ") {
            return None; // its rows are wanted
        }
        let mut words = sql.split_whitespace();
        let verb = words.next()?;
        let table = if verb == "update" { words.next()? } else { words.nth(1)? };
        let adds = verb == "insert" && !sql.contains(" on conflict ");
        matches!(verb, "insert" | "update" | "delete").then_some(Self { table, row, adds })
    }

    fn bears(&self, other: &Self) -> bool {
        let other_row = self.row.zip(other.row).is_some_and(|(one, another)| one != another);
        self.table != other.table || (self.adds && other.adds) || other_row
    }
}

/// One statement that carries all of them out. Where a condition is not met it divides by zero, which undoes everything.
/// Rows are counted for conditions only: the server needs a node of its plan for each count, and a second one for the rows.
fn chain(statements: &[&Statement]) -> String {
    let mut out = String::from("with ");
    let mut conditions = String::new();
    let mut offset = 0;
    for (i, statement) in statements.iter().enumerate() {
        out.push_str(&format!("{}s{i} as (", if i > 0 { ", " } else { "" }));
        renumbered(&mut out, "$", statement.sql, offset);
        if statement.expect != Expect::Any {
            out.push_str(" returning 1");
            conditions.push_str(&format!(", (select 1 / count(*) from s{i})"));
        }
        out.push(')');
        offset += statement.args.len();
    }
    out + " select 1" + &conditions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pay::{Task, TaskKind};
    use crate::storage::tasks;

    fn three() -> [Statement; 3] {
        [
            Statement::new("insert into t values ($1, $2)").bind(1).bind(2),
            Statement::new("update u set x = $2 where y = $1 and z = $1").bind(3).bind(4).expect(Expect::Fresh),
            Statement::new("delete from v"),
        ]
    }

    #[test]
    fn parameters_count_through_a_joined_text() {
        let [a, b, _] = three();
        assert_eq!(
            chain(&[&a, &b]),
            "with s0 as (insert into t values ($1, $2)), s1 as (update u set x = $4 where y = $3 and z = $3 returning 1) \
             select 1, (select 1 / count(*) from s1)"
        );
    }

    #[test]
    fn terms_of_a_with_never_touch_the_same_rows() {
        let [a, b, c] = three();
        let upsert = Statement::new("insert into t values ($1) on conflict (x) do update set y = 1").bind(1);
        let wanted = Statement::new("update w set a = 1 returning b");
        let of_row = |n: i64| Statement::of_row(1, "delete from v where x = $1").bind(n);
        let shapes = Shapes::default();
        assert_eq!(shapes.reach(&[&a, &a, &b, &c]), 4);
        assert_eq!(shapes.reach(&[&a, &b, &upsert]), 2);
        assert_eq!(shapes.reach(&[&upsert, &a]), 1);
        assert_eq!(shapes.reach(&[&b, &b]), 1);
        assert_eq!(shapes.reach(&[&c, &wanted]), 1);
        assert_eq!(shapes.reach(&[&wanted, &a]), 1);
        assert_eq!(shapes.reach(&[&of_row(1), &of_row(2), &of_row(1)]), 2);
        assert_eq!(shapes.reach(&[&of_row(1), &c]), 1);
        assert_eq!(Shapes::single().reach(&[&a, &b]), 1);
    }

    #[test]
    fn due_rows_of_a_unit_travel_together_unless_two_are_the_same() {
        let task = |about: &str| Task { kind: TaskKind::QueryPayment, about: about.into(), due_at: 1, attempts: 0, step: 0 };
        let (paid, told) = (tasks::schedule(&task("paid")), tasks::schedule(&task("told")));
        let gone = |kind| tasks::unschedule(kind, "paid");
        let (asked, closed) = (gone(TaskKind::QueryPayment), gone(TaskKind::ClosePayment));
        let shapes = Shapes::default();
        assert_eq!(shapes.reach(&[&asked, &closed, &told]), 3);
        assert_eq!(shapes.reach(&[&asked, &closed, &told, &paid]), 3, "its row is touched already");
    }

    #[test]
    fn a_known_shape_is_joined_once() {
        let [a, ..] = three();
        let shapes = Shapes::default();
        let first = shapes.chain(&[&a, &a]);
        assert!(Arc::ptr_eq(&first, &shapes.chain(&[&a, &a])));
        assert!(!Arc::ptr_eq(&first, &shapes.chain(&[&a])));
    }
}
