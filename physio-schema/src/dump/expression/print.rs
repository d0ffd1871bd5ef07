//! MariaDB's spelling of expressions: small letters, one space around operators, needed parentheses only.

use sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, Interval,
    ObjectNamePart, UnaryOperator, Value,
};

/// A printed expression and how tightly its outermost operator binds.
struct Printed {
    text: String,
    binding: u8,
}

/// Binding of what needs no parentheses anywhere.
const ATOM: u8 = 20;

/// The text of a default; anything but a call stands in parentheses. `None` for what has no rule here.
pub(super) fn print_default(expression: &Expr) -> Option<String> {
    let printed = print(expression)?;
    let is_call = printed.binding == ATOM && !matches!(expression, Expr::Identifier(_));
    Some(if is_call { printed.text } else { format!("({})", printed.text) })
}

fn atom(text: String) -> Option<Printed> {
    Some(Printed { text, binding: ATOM })
}

/// An operand, in parentheses when its operator binds less than the one around it.
fn operand(expression: &Expr, binding: u8) -> Option<String> {
    let printed = print(expression)?;
    Some(if printed.binding < binding { format!("({})", printed.text) } else { printed.text })
}

fn print(expression: &Expr) -> Option<Printed> {
    match expression {
        Expr::Nested(inner) => print(inner),
        Expr::Value(value) => atom(print_value(&value.value)?),
        Expr::Prefixed { prefix, value } => {
            atom(format!("{}{}", prefix.value.to_lowercase(), print(value)?.text))
        }
        Expr::Identifier(name) => atom(quoted(name)),
        Expr::CompoundIdentifier(names) => atom(names.iter().map(quoted).collect::<Vec<_>>().join(".")),
        Expr::Function(function) => print_function(function),
        Expr::BinaryOp { left, op, right } => print_binary(left, op, right),
        Expr::UnaryOp { op, expr } => print_unary(*op, expr),
        Expr::IsNull(inner) => compared(inner, "is null"),
        Expr::IsNotNull(inner) => compared(inner, "is not null"),
        Expr::InList { expr, list, negated } => {
            compared(expr, &format!("{}in ({})", not(*negated), print_list(list)?))
        }
        Expr::Between { expr, negated, low, high } => compared(
            expr,
            &format!("{}between {} and {}", not(*negated), operand(low, 7)?, operand(high, 7)?),
        ),
        Expr::Like { negated, any: false, expr, pattern, escape_char: None } => {
            compared(expr, &format!("{}like {}", not(*negated), operand(pattern, 7)?))
        }
        Expr::RLike { negated, expr, pattern, .. } => {
            compared(expr, &format!("{}regexp {}", not(*negated), operand(pattern, 7)?))
        }
        Expr::Case { operand: subject, conditions, else_result, .. } => {
            let mut text = "case".to_owned();
            if let Some(subject) = subject {
                text.push_str(&format!(" {}", print(subject)?.text));
            }
            for when in conditions {
                text.push_str(&format!(
                    " when {} then {}",
                    print(&when.condition)?.text,
                    print(&when.result)?.text
                ));
            }
            if let Some(otherwise) = else_result {
                text.push_str(&format!(" else {}", print(otherwise)?.text));
            }
            Some(Printed { text: text + " end", binding: 5 })
        }
        Expr::Floor { expr, .. } => atom(format!("floor({})", print(expr)?.text)),
        Expr::Ceil { expr, .. } => atom(format!("ceiling({})", print(expr)?.text)),
        Expr::Trim { trim_where: None, trim_what: None, expr, .. } => {
            atom(format!("trim({})", print(expr)?.text))
        }
        Expr::Substring { expr, substring_from: Some(from), substring_for, .. } => {
            let length = match substring_for {
                Some(length) => format!(",{}", print(length)?.text),
                None => String::new(),
            };
            atom(format!("substr({},{}{length})", print(expr)?.text, print(from)?.text))
        }
        _ => None,
    }
}

/// `a <rest>`, bound like a comparison.
fn compared(left: &Expr, rest: &str) -> Option<Printed> {
    Some(Printed { text: format!("{} {rest}", operand(left, 6)?), binding: 6 })
}

fn not(negated: bool) -> &'static str {
    if negated { "not " } else { "" }
}

fn print_list(list: &[Expr]) -> Option<String> {
    let items: Option<Vec<String>> = list.iter().map(|item| Some(print(item)?.text)).collect();
    Some(items?.join(","))
}

fn print_value(value: &Value) -> Option<String> {
    match value {
        Value::Number(digits, _) => Some(digits.clone()),
        Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => Some(format!(
            "'{}'",
            text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n").replace('\r', "\\r")
        )),
        Value::HexStringLiteral(digits) => Some(format!("0x{}", digits.to_lowercase())),
        Value::SingleQuotedByteStringLiteral(bits) => Some(format!("0b{bits}")),
        Value::Boolean(value) => Some(value.to_string()),
        Value::Null => Some("NULL".to_owned()),
        _ => None,
    }
}

fn quoted(name: &Ident) -> String {
    format!("`{}`", name.value.replace('`', "``"))
}

fn print_binary(left: &Expr, operator: &BinaryOperator, right: &Expr) -> Option<Printed> {
    let (text, binding) = match operator {
        BinaryOperator::Or | BinaryOperator::StringConcat => ("or", 1),
        BinaryOperator::Xor => ("xor", 2),
        BinaryOperator::And | BinaryOperator::PGOverlap => ("and", 3),
        BinaryOperator::Eq => ("=", 6),
        BinaryOperator::NotEq => ("<>", 6),
        BinaryOperator::Lt => ("<", 6),
        BinaryOperator::LtEq => ("<=", 6),
        BinaryOperator::Gt => (">", 6),
        BinaryOperator::GtEq => (">=", 6),
        BinaryOperator::Spaceship => ("<=>", 6),
        BinaryOperator::BitwiseOr => ("|", 7),
        BinaryOperator::BitwiseAnd => ("&", 8),
        BinaryOperator::PGBitwiseShiftLeft => ("<<", 9),
        BinaryOperator::PGBitwiseShiftRight => (">>", 9),
        BinaryOperator::Plus => ("+", 10),
        BinaryOperator::Minus => ("-", 10),
        BinaryOperator::Multiply => ("*", 11),
        BinaryOperator::Divide => ("/", 11),
        BinaryOperator::MyIntegerDivide => ("DIV", 11),
        BinaryOperator::Modulo => ("MOD", 11),
        BinaryOperator::BitwiseXor => ("^", 12),
        _ => return None,
    };
    let right = match right {
        Expr::Interval(interval) => print_interval(interval)?,
        right => operand(right, binding + 1)?,
    };
    Some(Printed { text: format!("{} {text} {right}", operand(left, binding)?), binding })
}

fn print_unary(operator: UnaryOperator, expression: &Expr) -> Option<Printed> {
    let symbol = match operator {
        UnaryOperator::Minus => "-",
        UnaryOperator::Plus => "",
        UnaryOperator::Not | UnaryOperator::BangNot => "!",
        UnaryOperator::BitwiseNot => "~",
        _ => return None,
    };
    Some(Printed { text: format!("{symbol}{}", operand(expression, 13)?), binding: 13 })
}

fn print_interval(interval: &Interval) -> Option<String> {
    let unit = interval.leading_field.as_ref()?.to_string().to_lowercase();
    Some(format!("interval {} {unit}", print(&interval.value)?.text))
}

/// The server's own name of a function.
fn function_name(name: &str) -> &str {
    match name {
        "now" | "localtime" | "localtimestamp" => "current_timestamp",
        "current_date" => "curdate",
        "current_time" => "curtime",
        "upper" => "ucase",
        "lower" => "lcase",
        "substring" | "mid" => "substr",
        "sha1" => "sha",
        "ceil" => "ceiling",
        "power" => "pow",
        "day" => "dayofmonth",
        "character_length" => "char_length",
        "session_user" | "system_user" => "user",
        other => other,
    }
}

fn print_function(function: &Function) -> Option<Printed> {
    let names: Option<Vec<&Ident>> = function
        .name
        .0
        .iter()
        .map(|part| match part {
            ObjectNamePart::Identifier(name) => Some(name),
            ObjectNamePart::Function(_) => None,
        })
        .collect();
    let names = names?;
    let [name] = names.as_slice() else { return None };
    let name = name.value.to_lowercase();
    let arguments: &[FunctionArg] = match &function.args {
        FunctionArguments::None => &[],
        FunctionArguments::List(list) if list.duplicate_treatment.is_none() && list.clauses.is_empty() => {
            &list.args
        }
        FunctionArguments::List(_) | FunctionArguments::Subquery(_) => return None,
    };
    let arguments: Option<Vec<&Expr>> = arguments
        .iter()
        .map(|argument| match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => Some(expression),
            _ => None,
        })
        .collect();
    let arguments = arguments?;
    if let ("date_add" | "adddate" | "date_sub" | "subdate", [date, Expr::Interval(interval)]) =
        (name.as_str(), arguments.as_slice())
    {
        let sign = if name.ends_with("sub") || name == "subdate" { "-" } else { "+" };
        let text = format!("{} {sign} {}", operand(date, 10)?, print_interval(interval)?);
        return Some(Printed { text, binding: 10 });
    }
    let printed: Option<Vec<String>> = arguments.iter().map(|argument| Some(print(argument)?.text)).collect();
    atom(format!("{}({})", function_name(&name), printed?.join(",")))
}
