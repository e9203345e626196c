//! Units as rows. The driver keeps each connection on a thread of its own and changes threads for every statement, which
//! costs more than most statements do. SQLite's way to make one of several is a trigger: a temporary view has a row for each
//! unit to be carried out, with its kind and its arguments, and for each kind that comes again a trigger with its statements.
//! So one statement carries out many units, of whatever kinds.
//!
//! Must not know what the statements mean.

use crate::pay::store::StoreError;
use crate::storage::failure::Failure;
use crate::storage::statement::{Arg, Expect, Statement, Step, renumbered};
use sqlx::{AnyConnection, AssertSqlSafe, Executor, SqlSafeStr};
use std::collections::HashMap;
use std::fmt::{self, Display, Formatter};
use std::iter;
use std::sync::Arc;

/// Units with more arguments are carried out step by step, and so are those that come when so many kinds are known.
const COLUMNS: usize = 100;
const MOST: usize = 64;

/// Texts are for so many rows, and for the arguments in such steps: the driver keeps a hundred of them prepared. Rows without a
/// kind do nothing.
const ROWS: [usize; 9] = [1, 2, 3, 4, 6, 8, 16, 32, 48];
const STEP: usize = 50;

/// A statement that has changed nothing where something was expected undoes all: the trigger's error has a code of its own.
const CONDITION: &str = "select raise(rollback, 'a condition is not met') where changes() = 0;";

const NOTHING: Arg = Arg::Int(None);

/// The procedures of one connection, with which they end.
#[derive(Default)]
pub(in crate::storage) struct Procedures {
    /// None: it is to be made, or SQLite does not take it.
    known: HashMap<Shape, Option<Procedure>>,
    wanted: Vec<(Shape, String)>,
    /// The numbers of the kinds, as arguments.
    numbers: Vec<Arg>,
    texts: HashMap<Text, Arc<str>>,
}

/// The addresses and lengths of static texts, and what is expected of each.
type Shape = Vec<(usize, usize, Expect)>;

/// The number of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Procedure(usize);

/// Which ends of a transaction a text has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Part {
    pub begins: bool,
    pub commits: bool,
}

impl Part {
    /// A statement is a transaction already.
    fn is_whole(self) -> bool {
        self.begins && self.commits
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Text {
    rows: usize,
    columns: usize,
    part: Part,
}

impl Procedures {
    /// What carries such a unit out. `None`: it is done step by step, at least this time.
    pub(super) fn find(&mut self, unit: &[Step]) -> Option<Procedure> {
        let statements = joinable(unit)?;
        let shape: Shape = statements.iter().map(|s| (s.sql.as_ptr().addr(), s.sql.len(), s.expect)).collect();
        if let Some(known) = self.known.get(&shape) {
            return *known;
        }
        if self.known.len() < MOST {
            self.wanted.push((shape.clone(), statements_of(&statements)));
            self.known.insert(shape, None);
        }
        None
    }

    /// Makes what was not found since. Not within a transaction, whose end might undo it.
    ///
    /// # Errors
    /// When the connection is of no use now.
    pub(super) async fn make(&mut self, conn: &mut AnyConnection) -> Result<(), Failure> {
        if self.numbers.is_empty() && !self.wanted.is_empty() {
            conn.execute(AssertSqlSafe(view()).into_sql_str()).await?;
        }
        for (shape, statements) in self.wanted.drain(..) {
            let number = self.numbers.len();
            self.numbers.push(i64::try_from(number).unwrap_or_default().into());
            let text = trigger(number, &statements);
            match conn.execute(AssertSqlSafe(text).into_sql_str()).await.map_err(Failure::from) {
                Ok(_) => {
                    self.known.insert(shape, Some(Procedure(number)));
                }
                // Tests shall fail of such a unit.
                Err(Failure::Broken(StoreError::Other(cause))) if !cfg!(test) => {
                    tracing::warn!(cause, statements, "a unit is carried out step by step");
                }
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    /// The text for some units, and its arguments.
    pub(super) fn call<'a>(&'a mut self, units: &[(Procedure, &'a [Step])], part: Part) -> (Arc<str>, Vec<&'a Arg>) {
        let widest = units.iter().map(|(_, unit)| args(unit).count()).max().unwrap_or_default();
        let columns = widest.next_multiple_of(STEP);
        let rows = ROWS.into_iter().find(|rows| *rows >= units.len()).unwrap_or(units.len());
        let text = Text { rows, columns, part };
        let sql = self.texts.entry(text).or_insert_with(|| text.to_string().into()).clone();
        let of_unit = |(Procedure(number), unit)| {
            iter::once(&self.numbers[number]).chain(args(unit).chain(iter::repeat(&NOTHING)).take(columns))
        };
        let values = units.iter().copied().flat_map(of_unit).chain(iter::repeat(&NOTHING)).take(rows * (columns + 1));
        (sql, values.collect())
    }
}

fn args(unit: &[Step]) -> impl Iterator<Item = &Arg> {
    unit.iter().filter_map(|step| if let Step::Run(statement) = step { Some(&statement.args) } else { None }).flatten()
}

/// The statements of a unit that may have a procedure.
fn joinable(unit: &[Step]) -> Option<Vec<&Statement>> {
    if unit.len() < 2 || args(unit).count() > COLUMNS {
        return None; // the count of a single one may be wanted
    }
    unit.iter().map(|step| if let Step::Run(s) = step { Some(s).filter(|s| is_joinable(s.sql)) } else { None }).collect()
}

fn is_joinable(sql: &str) -> bool {
    let changes = ["insert ", "update ", "delete "].iter().any(|verb| sql.starts_with(verb));
    changes && !sql.contains(" returning ")
}

/// `kind, a1, a2, …`
fn columns(last: usize) -> String {
    iter::once("kind".to_owned()).chain((1..=last).map(|n| format!("a{n}"))).collect::<Vec<_>>().join(",")
}

fn view() -> String {
    format!("create temp view units ({}) as select {}", columns(COLUMNS), vec!["null"; COLUMNS + 1].join(","))
}

fn trigger(number: usize, statements: &str) -> String {
    format!("create temp trigger unit_{number} instead of insert on units when new.kind = {number} begin {statements}end")
}

fn statements_of(unit: &[&Statement]) -> String {
    let mut out = String::new();
    let mut offset = 0;
    for statement in unit {
        renumbered(&mut out, "new.a", statement.sql, offset);
        out.push(';');
        if statement.expect != Expect::Any {
            out.push_str(CONDITION);
        }
        offset += statement.args.len();
    }
    out
}

impl Display for Text {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { rows, columns: last, part } = *self;
        let row = format!("({})", vec!["?"; last + 1].join(","));
        f.write_str(if part.begins && !part.is_whole() { "begin immediate;" } else { "" })?;
        // Without `or rollback`, SQLite would copy each page that it touches, to be able to undo this statement alone.
        write!(f, "insert or rollback into temp.units ({}) values {}", columns(last), vec![row; rows].join(","))?;
        f.write_str(if part.commits && !part.is_whole() { ";commit" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pay::store::Unique;
    use crate::storage::address::sqlite_url;
    use crate::storage::fetch::run;
    use crate::storage::sqlite::settle;
    use crate::storage::statement::Unit;
    use sqlx::{Connection, Row};

    const WHOLE: Part = Part { begins: true, commits: true };

    /// Adds to a number, takes another one away, and needs the third.
    fn unit(key: &str, gone: &str, needed: &str) -> Unit {
        let upsert = "insert into t (k, n) values ($1, $2) on conflict (k) do update set n = t.n + excluded.n";
        let update = "update t set n = n + 100 where k = $1 and k = $1";
        let delete = "delete from t where k in (select k from t where k = $1 limit 1)";
        vec![
            Statement::new(upsert).bind(key).bind(1).into(),
            Statement::new(delete).bind(gone).into(),
            Statement::new(update).bind(needed).expect(Expect::Fresh).into(),
        ]
    }

    /// Adds what may be there already.
    fn taken(key: &str) -> Unit {
        let (other, one) = ("update t set n = 7 where k = $1", "insert into t (k, n) values ($1, 0)");
        vec![Statement::new(other).bind("nowhere").into(), Statement::new(one).bind(key).into()]
    }

    async fn connection() -> (tempfile::TempDir, AnyConnection) {
        sqlx::any::install_default_drivers();
        let dir = tempfile::tempdir().unwrap();
        let url = sqlite_url(&dir.path().join("p.db")).unwrap();
        settle(&url).await.unwrap();
        let mut conn = AnyConnection::connect(&url).await.unwrap();
        conn.execute("create table t (k text primary key, n bigint); insert into t values ('x', 0), ('y', 0)").await.unwrap();
        (dir, conn)
    }

    async fn rows(conn: &mut AnyConnection) -> Vec<String> {
        let rows = conn.fetch_all("select k || n from t order by k").await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Procedures that know the kinds of such units.
    async fn procedures_of(conn: &mut AnyConnection, units: &[Unit]) -> Procedures {
        let mut procedures = Procedures::default();
        assert!(units.iter().all(|unit| procedures.find(unit).is_none()), "not made yet");
        procedures.make(conn).await.unwrap();
        procedures
    }

    async fn call(conn: &mut AnyConnection, procedures: &mut Procedures, units: &[Unit], part: Part) -> Result<(), Failure> {
        let units: Vec<_> = units.iter().map(|unit| (procedures.find(unit).unwrap(), &unit[..])).collect();
        let (sql, args) = procedures.call(&units, part);
        run(conn, AssertSqlSafe(sql).into_sql_str(), args).await.1.map_err(Failure::from)
    }

    #[tokio::test]
    async fn units_that_come_again_are_one_statement() {
        let (_dir, mut conn) = connection().await;
        let mut procedures = procedures_of(&mut conn, &[unit("", "", ""), taken("")]).await;
        call(&mut conn, &mut procedures, &[unit("a", "x", "y")], WHOLE).await.unwrap();
        assert_eq!(rows(&mut conn).await, ["a1", "y100"]);
        let of_two_kinds = [unit("a", "", "y"), taken("b"), unit("c", "b", "y"), unit("a", "", "a"), taken("007")];
        call(&mut conn, &mut procedures, &of_two_kinds, Part { commits: false, ..WHOLE }).await.unwrap();
        assert_eq!(rows(&mut conn).await, ["0070", "a103", "c1", "y300"], "one after another; digits are a text here");
        call(&mut conn, &mut procedures, &[unit("d", "c", "a")], Part { begins: false, ..WHOLE }).await.unwrap();
        conn.execute("begin").await.unwrap(); // it had committed
        assert_eq!(rows(&mut conn).await, ["0070", "a203", "d1", "y300"]);
    }

    #[tokio::test]
    async fn a_condition_or_a_rule_that_is_broken_undoes_the_transaction() {
        let (_dir, mut conn) = connection().await;
        let mut procedures = procedures_of(&mut conn, &[unit("", "", ""), taken("")]).await;
        for part in [WHOLE, Part { commits: false, ..WHOLE }] {
            let units = [unit("a", "x", "y"), unit("a", "x", "nowhere"), unit("b", "x", "y")];
            let missed = call(&mut conn, &mut procedures, &units, part).await;
            assert!(matches!(missed, Err(Failure::Refused(StoreError::Stale))), "{missed:?}");
            let broken = call(&mut conn, &mut procedures, &[unit("a", "x", "y"), taken("y")], part).await;
            assert!(matches!(broken, Err(Failure::Refused(StoreError::Taken(Unique::Other)))), "{broken:?}");
            assert_eq!(rows(&mut conn).await, ["x0", "y0"]);
            assert!(conn.execute("rollback").await.is_err(), "nothing is left of it");
        }
    }

    #[tokio::test]
    async fn other_units_have_no_procedure() {
        let insert = || Statement::new("insert into t (k) values ($1)").bind("z");
        let mut procedures = Procedures::default();
        let wanted = Statement::new("update t set n = 1 returning k");
        let long = std::iter::repeat_with(|| insert().into()).take(COLUMNS + 1).collect();
        for other in [vec![insert().into()], vec![insert().into(), wanted.into()], long] {
            assert_eq!(procedures.find(&other), None);
        }
        assert!(procedures.wanted.is_empty());
    }
}
