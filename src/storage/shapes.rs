//! Joins the statements of a unit into one SQL text, so that a unit costs one way to the database and not one per
//! statement. Units come in few shapes, so the joined texts are kept, and with them the prepared statements.
//!
//! SQLite takes several statements in one text. PostgreSQL takes one with parameters, so there the parts become the
//! data-modifying terms of a `with`, which all see the same state; therefore no two of them may touch the same rows.

use super::connect::Dialect;
use super::statement::{Statement, Step};
use super::writer::Unit;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Shapes beyond this number are joined afresh each time.
const KEPT: usize = 64;
/// Units of one shape travel in groups of these sizes: few sizes, so that few texts are kept.
const GROUPS: [usize; 4] = [8, 4, 2, 1];
/// Longer units are cut, since rare shapes should not push out common ones.
const LONGEST: usize = 16;

/// Joined texts by the addresses of the static texts they are made of.
pub(super) struct Shapes {
    dialect: Dialect,
    longest: usize,
    known: Mutex<HashMap<Shape, Arc<str>>>,
}

/// Addresses and lengths of the texts.
type Shape = Vec<(usize, usize)>;

impl Shapes {
    pub fn new(dialect: Dialect) -> Self {
        Self { dialect, longest: LONGEST, known: Mutex::default() }
    }

    /// Joins nothing: each statement travels alone.
    pub fn single(dialect: Dialect) -> Self {
        Self { longest: 1, ..Self::new(dialect) }
    }

    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// How many of these statements, from the first one on, may travel together.
    pub fn reach(&self, statements: &[&Statement]) -> usize {
        match self.dialect {
            Dialect::Sqlite => statements.len().min(self.longest),
            Dialect::Postgres => {
                let mut seen: Vec<Target<'_>> = Vec::new();
                for statement in statements.iter().take(self.longest) {
                    match Target::of(statement.sql) {
                        Some(target) if seen.iter().all(|s| s.bears(&target)) => seen.push(target),
                        _ => break,
                    }
                }
                seen.len().max(1)
            }
        }
    }

    /// Puts the units of a transaction into groups that travel as one text; what a group holds are places in the list. Units
    /// do not depend on each other, so their order is free.
    pub fn groups(&self, units: &[&Unit]) -> Vec<Vec<usize>> {
        let keys: Vec<Option<Shape>> = units.iter().map(|unit| self.shape_of(unit)).collect();
        let mut order: Vec<usize> = (0..units.len()).collect();
        order.sort_by(|a, b| keys[*a].cmp(&keys[*b]));
        let mut groups = Vec::new();
        for same in order.chunk_by(|a, b| keys[*a].is_some() && keys[*a] == keys[*b]) {
            let mut rest = same;
            while !rest.is_empty() {
                let size = GROUPS.into_iter().find(|size| *size <= rest.len()).unwrap_or(1);
                let (group, others) = rest.split_at(size);
                groups.push(group.to_vec());
                rest = others;
            }
        }
        groups
    }

    /// The shape of a unit that may travel with others; `None` for one that must travel alone, because its rows are wanted
    /// or because not all of it goes into one text.
    fn shape_of(&self, unit: &Unit) -> Option<Shape> {
        let joinable = self.dialect == Dialect::Sqlite && unit.len() <= self.longest;
        let place = |step: &Step| match step {
            Step::Run(s) if !s.sql.contains(" returning ") => Some((s.sql.as_ptr().addr(), s.sql.len())),
            _ => None,
        };
        joinable.then(|| unit.iter().map(place).collect()).flatten()
    }

    pub fn text(&self, statements: &[&Statement]) -> Arc<str> {
        let key: Shape = statements.iter().map(|s| (s.sql.as_ptr().addr(), s.sql.len())).collect();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(text) = known.get(&key) {
            return text.clone();
        }
        let text: Arc<str> = match self.dialect {
            Dialect::Sqlite => script(statements).into(),
            Dialect::Postgres => chain(statements).into(),
        };
        if known.len() < KEPT {
            known.insert(key, text.clone());
        }
        text
    }
}

/// The table that a writing statement touches.
struct Target<'a> {
    table: &'a str,
    /// Adds rows that no other statement of the unit can have made.
    adds: bool,
}

impl<'a> Target<'a> {
    fn of(sql: &'a str) -> Option<Self> {
        if sql.contains(" returning ") {
            return None; // its rows are wanted
        }
        let mut words = sql.split_whitespace();
        let verb = words.next()?;
        let table = if verb == "update" { words.next()? } else { words.nth(1)? };
        matches!(verb, "insert" | "update" | "delete")
            .then(|| Self { table, adds: verb == "insert" && !sql.contains(" on conflict ") })
    }

    fn bears(&self, other: &Self) -> bool {
        self.table != other.table || (self.adds && other.adds)
    }
}

/// Statements one after the other.
fn script(statements: &[&Statement]) -> String {
    let mut out = String::new();
    let mut offset = 0;
    for statement in statements {
        if !out.is_empty() {
            out.push_str(";\n");
        }
        renumbered(&mut out, statement.sql, offset);
        offset += statement.args.len();
    }
    out
}

/// One statement that carries all of them out; its row has the number of rows of each.
fn chain(statements: &[&Statement]) -> String {
    let mut out = String::from("with ");
    let mut counts = String::new();
    let mut offset = 0;
    for (i, statement) in statements.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
            counts.push_str(", ");
        }
        out.push_str(&format!("s{i} as ("));
        renumbered(&mut out, statement.sql, offset);
        out.push_str(" returning 1)");
        counts.push_str(&format!("(select count(*) from s{i})"));
        offset += statement.args.len();
    }
    out + " select " + &counts
}

/// Our texts have no `$` but in front of parameter numbers; those count through the joined text.
fn renumbered(out: &mut String, sql: &str, offset: usize) {
    let mut parts = sql.split('$');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = part.split_at(digits);
        let number: usize = number.parse().unwrap_or_default();
        out.push_str(&format!("${}", number + offset));
        out.push_str(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> [Statement; 3] {
        [
            Statement::new("insert into t values ($1, $2)").bind(1).bind(2),
            Statement::new("update u set x = $2 where y = $1 and z = $1").bind(3).bind(4),
            Statement::new("delete from v"),
        ]
    }

    #[test]
    fn parameters_count_through_a_joined_text() {
        let [a, b, c] = three();
        assert_eq!(
            script(&[&a, &b, &c, &a]),
            "insert into t values ($1, $2);\nupdate u set x = $4 where y = $3 and z = $3;\ndelete from v;\n\
             insert into t values ($5, $6)"
        );
        assert_eq!(
            chain(&[&a, &b]),
            "with s0 as (insert into t values ($1, $2) returning 1), \
             s1 as (update u set x = $4 where y = $3 and z = $3 returning 1) \
             select (select count(*) from s0), (select count(*) from s1)"
        );
    }

    #[test]
    fn terms_of_a_with_never_touch_the_same_rows() {
        let [a, b, c] = three();
        let upsert = Statement::new("insert into t values ($1) on conflict (x) do update set y = 1").bind(1);
        let wanted = Statement::new("update w set a = 1 returning b");
        let shapes = Shapes::new(Dialect::Postgres);
        assert_eq!(shapes.reach(&[&a, &a, &b, &c]), 4);
        assert_eq!(shapes.reach(&[&a, &b, &upsert]), 2);
        assert_eq!(shapes.reach(&[&upsert, &a]), 1);
        assert_eq!(shapes.reach(&[&b, &b]), 1);
        assert_eq!(shapes.reach(&[&c, &wanted]), 1);
        assert_eq!(shapes.reach(&[&wanted, &a]), 1);
        assert_eq!(Shapes::new(Dialect::Sqlite).reach(&[&b, &b, &wanted]), 3);
    }

    #[test]
    fn units_of_one_shape_travel_in_few_sizes() {
        let [a, b, c] = three();
        let wanted = Statement::new("update w set a = 1 returning b");
        let unit = |statements: &[&Statement]| statements.iter().map(|s| Step::Run((*s).clone())).collect::<Unit>();
        let (ab, c, rows) = (unit(&[&a, &b]), unit(&[&c]), unit(&[&wanted]));
        let shapes = Shapes::new(Dialect::Sqlite);
        let sizes = |units: &[&Unit]| {
            let groups = shapes.groups(units);
            let mut all: Vec<usize> = groups.concat();
            all.sort_unstable();
            assert_eq!(all, (0..units.len()).collect::<Vec<_>>());
            for group in &groups {
                assert!(group.len() == 1 || group.iter().all(|i| shapes.shape_of(units[*i]) == shapes.shape_of(units[group[0]])));
            }
            let mut sizes: Vec<usize> = groups.iter().map(Vec::len).collect();
            sizes.sort_unstable();
            sizes
        };
        assert_eq!(sizes(&[&ab, &c, &ab, &ab]), [1, 1, 2]);
        assert_eq!(sizes(&[&ab; 15]), [1, 2, 4, 8]);
        assert_eq!(sizes(&[&rows, &rows, &c, &c]), [1, 1, 2]);
        assert_eq!(Shapes::new(Dialect::Postgres).groups(&[&ab, &ab]).len(), 2);
        assert_eq!(Shapes::single(Dialect::Sqlite).groups(&[&ab, &ab]).len(), 2);
    }

    #[test]
    fn a_known_shape_is_joined_once() {
        let [a, ..] = three();
        let shapes = Shapes::new(Dialect::Sqlite);
        let first = shapes.text(&[&a, &a]);
        assert!(Arc::ptr_eq(&first, &shapes.text(&[&a, &a])));
        assert!(!Arc::ptr_eq(&first, &shapes.text(&[&a])));
    }
}
