//! Joins the statements of a unit into one SQL text, so that SQLite's thread is woken once per unit and not once per
//! statement. Units come in few shapes, so the joined texts are kept, and with them the prepared statements.

use super::statement::Statement;
use std::collections::HashMap;
use std::sync::Arc;

/// Shapes beyond this number are joined afresh each time.
const KEPT: usize = 64;
/// Longer units are cut: SQLite limits the number of parameters, and rare shapes should not push out common ones.
pub(super) const LONGEST: usize = 16;

/// Joined texts by the addresses of the static texts they are made of.
#[derive(Default)]
pub(super) struct Shapes {
    known: HashMap<Vec<(usize, usize)>, Arc<str>>,
}

impl Shapes {
    pub fn text(&mut self, statements: &[&Statement]) -> Arc<str> {
        let key: Vec<(usize, usize)> = statements.iter().map(|s| (s.sql.as_ptr().addr(), s.sql.len())).collect();
        if let Some(text) = self.known.get(&key) {
            return text.clone();
        }
        let text: Arc<str> = join(statements).into();
        if self.known.len() < KEPT {
            self.known.insert(key, text.clone());
        }
        text
    }
}

/// Our texts have no `$` but in front of parameter numbers; those count through the joined text.
fn join(statements: &[&Statement]) -> String {
    let mut out = String::new();
    let mut offset = 0;
    for statement in statements {
        if !out.is_empty() {
            out.push_str(";\n");
        }
        let mut parts = statement.sql.split('$');
        out.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            let (number, rest) = part.split_at(digits);
            let number: usize = number.parse().unwrap_or_default();
            out.push_str(&format!("${}", number + offset));
            out.push_str(rest);
        }
        offset += statement.args.len();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_count_through_a_joined_text() {
        let a = Statement::new("insert into t values ($1, $2)").bind(1).bind(2);
        let b = Statement::new("update t set x = $2 where y = $1 and z = $1").bind(3).bind(4);
        let c = Statement::new("delete from t");
        assert_eq!(
            join(&[&a, &b, &c, &a]),
            "insert into t values ($1, $2);\nupdate t set x = $4 where y = $3 and z = $3;\ndelete from t;\n\
             insert into t values ($5, $6)"
        );
    }

    #[test]
    fn a_known_shape_is_joined_once() {
        let a = Statement::new("delete from t where x = $1").bind(1);
        let mut shapes = Shapes::default();
        let first = shapes.text(&[&a, &a]);
        assert!(Arc::ptr_eq(&first, &shapes.text(&[&a, &a])));
        assert!(!Arc::ptr_eq(&first, &shapes.text(&[&a])));
    }
}
