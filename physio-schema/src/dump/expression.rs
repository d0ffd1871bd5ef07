//! Default expressions, parsed by `sqlparser` and printed as MariaDB's `information_schema` prints them.

mod print;

use super::lex::lex_for_parser;
use super::options::Server;
use super::read::column::strip_parentheses;
use super::spec::DefaultSpec;
use sqlparser::ast::{Expr, UnaryOperator, Value};
use sqlparser::dialect::MySqlDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::Token;

/// What an expression behind `DEFAULT` comes to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Canonical {
    /// `((5))` is a constant like `5`.
    Constant(DefaultSpec),
    /// The expression in the server's spelling.
    Text(String),
}

/// The expression in `text` as the server keeps it; one that `sqlparser` cannot read keeps its spelling.
pub(crate) fn canonical_expression(text: &str, server: Server) -> Canonical {
    let bare = strip_parentheses(text);
    let as_written = || {
        let is_call = bare.ends_with(')') && bare.split('(').next().is_some_and(is_function_name);
        Canonical::Text(if is_call || !server.is_mariadb() { bare.to_owned() } else { format!("({bare})") })
    };
    let Some(expression) = parse_expression(bare, server) else { return as_written() };
    if let Some(constant) = constant(&expression) {
        return Canonical::Constant(constant);
    }
    if !server.is_mariadb() {
        return as_written();
    }
    match print::print_default(&expression) {
        Some(text) => Canonical::Text(text),
        None => as_written(),
    }
}

fn is_function_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_alphanumeric() || "_`.".contains(letter))
}

fn parse_expression(text: &str, server: Server) -> Option<Expr> {
    let (lexed, unfinished) = lex_for_parser(text.to_owned(), server);
    if unfinished.is_some() || lexed.tokens.is_empty() {
        return None;
    }
    let mut parser = Parser::new(&MySqlDialect {}).with_tokens_with_locations(lexed.tokens);
    let expression = parser.parse_expr().ok()?;
    (parser.peek_token_ref().token == Token::EOF).then_some(expression)
}

/// The constant that an expression is, if it is one.
fn constant(expression: &Expr) -> Option<DefaultSpec> {
    match expression {
        Expr::Nested(inner) => constant(inner),
        Expr::Prefixed { value, .. } => constant(value),
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match constant(expr)? {
            DefaultSpec::Number(digits) => Some(DefaultSpec::Number(format!("-{digits}"))),
            _ => None,
        },
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => Some(DefaultSpec::Number(digits.clone())),
            Value::SingleQuotedString(text)
            | Value::DoubleQuotedString(text)
            | Value::NationalStringLiteral(text) => Some(DefaultSpec::Text(text.clone())),
            Value::HexStringLiteral(digits) => {
                Some(DefaultSpec::Bytes(super::read::default_value::hex_bytes(digits)))
            }
            Value::SingleQuotedByteStringLiteral(bits) => Some(DefaultSpec::Bits(bits.clone())),
            Value::Boolean(value) => Some(DefaultSpec::Boolean(*value)),
            Value::Null => Some(DefaultSpec::Null),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(expression: &str) -> String {
        match canonical_expression(expression, Server::DEFAULT) {
            Canonical::Text(text) => text,
            Canonical::Constant(constant) => format!("constant {constant:?}"),
        }
    }

    /// The right side is what MariaDB 10.11 answered.
    #[test]
    fn expressions_are_spelled_as_the_server_spells_them() {
        let cases = [
            ("(1+2*3)", "(1 + 2 * 3)"),
            ("((1+2)*3)", "((1 + 2) * 3)"),
            ("1-(2-3)", "(1 - (2 - 3))"),
            ("UUID()", "uuid()"),
            ("(current_date)", "curdate()"),
            ("(now() + interval 1 day)", "(current_timestamp() + interval 1 day)"),
            ("(date_add(now(), interval 1 MONTH))", "(current_timestamp() + interval 1 month)"),
            ("(concat('a', 'b''c'))", "concat('a','b\\'c')"),
            ("(upper(left(uuid(),8)))", "ucase(left(uuid(),8))"),
            ("(json_object('a',1,'b',NULL))", "json_object('a',1,'b',NULL)"),
            ("(if(1 > 2, 3, 4))", "if(1 > 2,3,4)"),
            ("(case when 1=1 then 2 else 3 end)", "(case when 1 = 1 then 2 else 3 end)"),
            ("(a1 + 1)", "(`a1` + 1)"),
            ("nextval(`ex`.`s`)", "nextval(`ex`.`s`)"),
            ("(1 in (1,2))", "(1 in (1,2))"),
            ("('a' like 'b%')", "('a' like 'b%')"),
            ("(1 is null)", "(1 is null)"),
            ("(5 & 3 | 4)", "(5 & 3 | 4)"),
            ("(10 % 3)", "(10 MOD 3)"),
            ("(substring('abc',2,1))", "substr('abc',2,1)"),
            ("(trim(' a '))", "trim(' a ')"),
            ("(floor(2.5))", "floor(2.5)"),
            ("current_timestamp(6)", "current_timestamp(6)"),
            ("(1 <> 2)", "(1 <> 2)"),
            ("(1 and not 0)", "(1 and !0)"),
            ("(unhex(replace(uuid(),'-','')))", "unhex(replace(uuid(),'-',''))"),
        ];
        for (expression, expected) in cases {
            assert_eq!(text(expression), expected, "{expression}");
        }
    }

    #[test]
    fn constants_in_parentheses_are_constants() {
        assert_eq!(text("((-5))"), "constant Number(\"-5\")");
        assert_eq!(text("('x')"), "constant Text(\"x\")");
        assert_eq!(text("(null)"), "constant Null");
    }

    #[test]
    fn what_cannot_be_read_keeps_its_spelling() {
        assert_eq!(text("(a XOR XOR b)"), "(a XOR XOR b)");
        assert_eq!(text("strange(a 1 2)"), "strange(a 1 2)");
    }
}
