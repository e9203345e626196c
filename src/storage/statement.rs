//! A change as data: SQL texts with their arguments and what each must achieve. Must not know how a connection is held.

use super::failure::Failure;
use super::row::Record;
use crate::model::Amount;
use crate::pay::AuditEntry;
use crate::pay::store::StoreError;
use serde::Deserialize;
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};
use std::fmt::Display;

/// A value, bound or read. Both databases get the same two types.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum Arg {
    Text(Option<String>),
    Int(Option<i64>),
}

/// PostgreSQL refuses NUL inside text, and a provider or merchant may send one in a message that we only keep.
fn storable(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(Some(storable(text)))
    }
}

impl From<&String> for Arg {
    fn from(text: &String) -> Self {
        Self::from(text.clone())
    }
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<Option<String>> for Arg {
    fn from(text: Option<String>) -> Self {
        Self::Text(text.map(storable))
    }
}

impl From<Option<&str>> for Arg {
    fn from(text: Option<&str>) -> Self {
        Self::from(text.map(str::to_owned))
    }
}

impl From<i64> for Arg {
    fn from(n: i64) -> Self {
        Self::Int(Some(n))
    }
}

impl From<Option<i64>> for Arg {
    fn from(n: Option<i64>) -> Self {
        Self::Int(n)
    }
}

impl From<bool> for Arg {
    fn from(flag: bool) -> Self {
        Self::Int(Some(i64::from(flag)))
    }
}

impl From<Amount> for Arg {
    fn from(amount: Amount) -> Self {
        Self::Int(Some(amount.fen()))
    }
}

/// What the row count of a statement must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Expect {
    /// Any count is fine.
    Any,
    /// Nothing changed means that somebody was first.
    Fresh,
    /// Nothing changed means that a refund would exceed its payment, whose number is the first argument.
    Reserved,
}

/// One SQL text with its arguments.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub sql: &'static str,
    pub args: Vec<Arg>,
    pub expect: Expect,
    /// So many arguments at the beginning name the only row that it can touch. None: it may touch any.
    key: usize,
}

impl Statement {
    pub fn new(sql: &'static str) -> Self {
        Self { sql, args: Vec::new(), expect: Expect::Any, key: 0 }
    }

    /// A statement that touches one row only, which so many arguments at the beginning name.
    pub fn of_row(key: usize, sql: &'static str) -> Self {
        Self { key, ..Self::new(sql) }
    }

    /// The name of the only row that it can touch.
    pub fn row(&self) -> Option<&[Arg]> {
        self.args.get(..self.key).filter(|key| !key.is_empty())
    }

    /// The argument of the next `$n`.
    pub fn bind(mut self, arg: impl Into<Arg>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// An identifier that may be absent.
    pub fn opt_word(self, word: Option<impl Display>) -> Self {
        self.bind(word.map(|w| w.to_string()))
    }

    pub fn expect(mut self, expect: Expect) -> Self {
        self.expect = expect;
        self
    }

    /// What to ask when this has changed nothing, before [`Statement::refusal`] can tell why.
    pub fn row_in_question(&self) -> Option<Self> {
        let pay_no = self.args.first().filter(|_| self.expect == Expect::Reserved)?;
        Some(Self { args: vec![pay_no.clone()], ..Self::new("select pay_no from payments where pay_no = $1") })
    }

    /// What it means that this has changed nothing. `found`: the row in question is there.
    ///
    /// # Errors
    /// Unless any count was fine.
    pub fn refusal(&self, found: bool) -> Result<(), Failure> {
        match self.expect {
            Expect::Any => Ok(()),
            Expect::Reserved if found => Err(Failure::Refused(StoreError::TooMuch)),
            Expect::Fresh | Expect::Reserved => Err(Failure::Refused(StoreError::Stale)),
        }
    }
}

/// A text that only reads, with its arguments.
#[derive(Debug, Clone)]
pub(super) struct Query {
    pub sql: SqlStr,
    pub args: Vec<Arg>,
}

impl Query {
    /// A text put together of static pieces.
    pub fn of_pieces(sql: String, args: Vec<Arg>) -> Self {
        Self { sql: AssertSqlSafe(sql).into_sql_str(), args }
    }
}

impl From<Statement> for Query {
    fn from(statement: Statement) -> Self {
        Self { sql: SqlStr::from_static(statement.sql), args: statement.args }
    }
}

/// What statements did.
#[derive(Default)]
pub(super) struct Changed {
    /// The rows they returned.
    pub rows: Vec<Record>,
    /// The rows that a statement changed which is a unit of its own; neighbours in a unit are not counted everywhere.
    pub count: u64,
}

impl Changed {
    pub fn add(&mut self, other: Self) {
        self.rows.extend(other.rows);
        self.count += other.count;
    }
}

/// Steps that happen together.
pub(super) type Unit = Vec<Step>;

/// The same texts with the same conditions.
pub(super) fn alike(one: &[Step], other: &[Step]) -> bool {
    let same = |steps: (&Step, &Step)| matches!(steps, (Step::Run(a), Step::Run(b)) if std::ptr::eq(a.sql, b.sql) && a.expect == b.expect);
    one.len() == other.len() && one.iter().zip(other).all(same)
}

/// Our texts have no `$` but in front of parameter numbers; those count through a joined text, and may have another name
/// there.
pub(super) fn renumbered(out: &mut String, name: &str, sql: &str, offset: usize) {
    let mut parts = sql.split('$');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = part.split_at(digits);
        let number: usize = number.parse().unwrap_or_default();
        out.push_str(&format!("{name}{}", number + offset));
        out.push_str(rest);
    }
}

/// One step of a unit.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Run(Statement),
    /// Needs the end of the chain, which only the transaction can know.
    Audit(AuditEntry),
}

impl From<Statement> for Step {
    fn from(statement: Statement) -> Self {
        Self::Run(statement)
    }
}
