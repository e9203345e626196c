//! Units as single statements. The driver keeps each connection on a thread of its own and changes threads for every
//! statement, which costs more than most statements do. SQLite's way to make one of several is a trigger: a unit that comes
//! again gets a temporary view, whose columns are its arguments and whose trigger are its statements. A row that is inserted
//! there carries the unit out, and several rows carry several units out.
//!
//! Must not know what the statements mean.

use crate::pay::store::StoreError;
use crate::storage::failure::Failure;
use crate::storage::statement::{Expect, Statement, Step, renumbered};
use sqlx::{AnyConnection, AssertSqlSafe, Executor, SqlSafeStr};
use std::collections::HashMap;
use std::sync::Arc;

/// Longer units are carried out step by step, and so are those that come when so many others are known.
const LONGEST: usize = 16;
const MOST: usize = 256;

/// A statement that has changed nothing where something was expected undoes all: the trigger's error has a code of its own.
const CONDITION: &str = "select raise(rollback, 'a condition is not met') where changes() = 0;";

/// The procedures of one connection, with which they end.
#[derive(Default)]
pub(in crate::storage) struct Procedures {
    /// None: it is to be made, or SQLite does not take it.
    known: HashMap<Shape, Option<Procedure>>,
    wanted: Vec<(Shape, Procedure, String)>,
    texts: HashMap<(Procedure, Part), Arc<str>>,
}

/// The addresses and lengths of static texts, and what is expected of each.
type Shape = Vec<(usize, usize, Expect)>;

/// The number in a view's name, and that of its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Procedure {
    number: usize,
    columns: usize,
}

/// What a text carries out: so many units, and perhaps an end of the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Part {
    pub units: usize,
    pub begins: bool,
    pub commits: bool,
}

impl Procedures {
    /// What carries such a unit out. `None`: it is done step by step, at least this time.
    pub(super) fn find(&mut self, unit: &[Step]) -> Option<Procedure> {
        let statements = joinable(unit)?;
        let shape: Shape = statements.iter().map(|s| (s.sql.as_ptr().addr(), s.sql.len(), s.expect)).collect();
        if let Some(known) = self.known.get(&shape) {
            return *known;
        }
        let number = self.known.len();
        if number < MOST {
            let procedure = Procedure { number, columns: statements.iter().map(|s| s.args.len()).sum() };
            self.wanted.push((shape.clone(), procedure, trigger(number, &statements)));
            self.known.insert(shape, None);
        }
        None
    }

    /// Makes what was not found since. Not within a transaction, whose end might undo it.
    ///
    /// # Errors
    /// When the connection is of no use now.
    pub(super) async fn make(&mut self, conn: &mut AnyConnection) -> Result<(), Failure> {
        for (shape, procedure, trigger) in self.wanted.drain(..) {
            let text = view(procedure) + &trigger;
            match conn.execute(AssertSqlSafe(text).into_sql_str()).await.map_err(Failure::from) {
                Ok(_) => {
                    self.known.insert(shape, Some(procedure));
                }
                // Tests shall fail of such a unit.
                Err(Failure::Broken(StoreError::Other(cause))) if !cfg!(test) => {
                    tracing::warn!(cause, trigger, "a unit is carried out step by step");
                }
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    /// The text for some units.
    pub(super) fn text(&mut self, procedure: Procedure, part: Part) -> Arc<str> {
        self.texts.entry((procedure, part)).or_insert_with(|| text(procedure, part).into()).clone()
    }
}

/// The statements of a unit that may have a procedure.
fn joinable(unit: &[Step]) -> Option<Vec<&Statement>> {
    if !(2..=LONGEST).contains(&unit.len()) {
        return None; // the count of a single one may be wanted
    }
    unit.iter().map(|step| if let Step::Run(s) = step { Some(s).filter(|s| is_joinable(s.sql)) } else { None }).collect()
}

fn is_joinable(sql: &str) -> bool {
    let changes = ["insert ", "update ", "delete "].iter().any(|verb| sql.starts_with(verb));
    changes && !sql.contains(" returning ")
}

fn view(procedure: Procedure) -> String {
    let list = |column: fn(usize) -> String| (1..=procedure.columns).map(column).collect::<Vec<_>>().join(", ");
    let (names, values) = (list(|n| format!("a{n}")), list(|_| "null".to_owned()));
    format!("create temp view unit_{} ({names}) as select {values};", procedure.number)
}

fn trigger(number: usize, statements: &[&Statement]) -> String {
    let mut out = format!("create temp trigger do_{number} instead of insert on unit_{number} begin ");
    let mut offset = 0;
    for statement in statements {
        renumbered(&mut out, "new.a", statement.sql, offset);
        out.push_str("; ");
        if statement.expect != Expect::Any {
            out.push_str(CONDITION);
        }
        offset += statement.args.len();
    }
    out + "end"
}

fn text(procedure: Procedure, part: Part) -> String {
    let whole = part.begins && part.commits; // a statement is a transaction already
    // Without `or rollback`, SQLite would copy each page that it touches, to be able to undo this statement alone.
    format!(
        "{}insert or rollback into temp.unit_{} values {}{}",
        if part.begins && !whole { "begin immediate;" } else { "" },
        procedure.number,
        vec![format!("({})", vec!["?"; procedure.columns].join(",")); part.units].join(","),
        if part.commits && !whole { ";commit" } else { "" },
    )
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

    const WHOLE: Part = Part { units: 1, begins: true, commits: true };

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

    async fn call(conn: &mut AnyConnection, sql: Arc<str>, units: &[Unit]) -> Result<(), Failure> {
        let steps = units.iter().flatten();
        let args = steps.filter_map(|step| if let Step::Run(s) = step { Some(&s.args) } else { None }).flatten();
        run(conn, AssertSqlSafe(sql).into_sql_str(), args).await.1.map_err(Failure::from)
    }

    #[tokio::test]
    async fn a_unit_that_comes_again_is_one_statement_and_so_are_several() {
        let (_dir, mut conn) = connection().await;
        let mut procedures = Procedures::default();
        assert_eq!(procedures.find(&unit("a", "x", "y")), None, "not made yet");
        procedures.make(&mut conn).await.unwrap();
        let procedure = procedures.find(&unit("b", "", "")).unwrap();
        call(&mut conn, procedures.text(procedure, WHOLE), &[unit("a", "x", "y")]).await.unwrap();
        assert_eq!(rows(&mut conn).await, ["a1", "y100"]);
        let three = procedures.text(procedure, Part { units: 3, commits: false, ..WHOLE });
        call(&mut conn, three, &[unit("a", "", "y"), unit("b", "a", "y"), unit("a", "", "a")]).await.unwrap();
        assert_eq!(rows(&mut conn).await, ["a101", "b1", "y300"], "one after another");
        call(&mut conn, procedures.text(procedure, Part { begins: false, ..WHOLE }), &[unit("007", "7", "007")]).await.unwrap();
        assert_eq!(rows(&mut conn).await, ["007101", "a101", "b1", "y300"], "digits are a text here");
        conn.execute("begin").await.unwrap(); // it had committed
    }

    #[tokio::test]
    async fn a_condition_or_a_rule_that_is_broken_undoes_the_transaction() {
        let (_dir, mut conn) = connection().await;
        let mut procedures = Procedures::default();
        let taken = |k: &str| -> Unit {
            let (one, other) = ("insert into t (k) values ($1)", "update t set n = 7 where k = $1");
            vec![Statement::new(other).bind("x").into(), Statement::new(one).bind(k).into()]
        };
        for unit in [unit("", "", ""), taken("")] {
            assert_eq!(procedures.find(&unit), None);
        }
        procedures.make(&mut conn).await.unwrap();
        let begins = Part { commits: false, ..WHOLE };
        let (with_condition, with_rule) = (procedures.find(&unit("", "", "")).unwrap(), procedures.find(&taken("")).unwrap());
        for part in [WHOLE, begins] {
            let missed = call(&mut conn, procedures.text(with_condition, part), &[unit("a", "x", "nowhere")]).await;
            assert!(matches!(missed, Err(Failure::Refused(StoreError::Stale))), "{missed:?}");
            let broken = call(&mut conn, procedures.text(with_rule, part), &[taken("y")]).await;
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
        let long = std::iter::repeat_with(|| insert().into()).take(LONGEST + 1).collect();
        for other in [vec![insert().into()], vec![insert().into(), wanted.into()], long] {
            assert_eq!(procedures.find(&other), None);
        }
        assert!(procedures.wanted.is_empty());
    }
}
