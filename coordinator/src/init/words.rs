//! The words of a column's name, and what they tell of it whatever the kind.

use super::synonyms::names;
use segmenter_proto::jobs::SourceKind;

/// Words that make a column personal: it is carried along under its standard name at most, and no group is made by it.
const PERSONAL: &str = "email mail phone telephone telefon telefonnummer mobile handy cell contact name surname firstname lastname fullname vorname nachname imie nazwisko \
             address street adresse strasse ulica birth dob born birthdate birthday geburtsdatum postal postcode postalcode \
             zip zipcode plz sex gender geschlecht plec income salary einkommen iban ssn pesel passport ip latitude \
             longitude";

/// Names of what happened to a customer: no group is made by it, so that groups can be compared in it.
const OUTCOME: &str = "churn churned churnflag churnlabel churnvalue ischurn exited attrition attritionflag response target label converted left";

fn is_listed(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|known| known == word)
}

/// Says whether a column's name tells that it is personal.
pub(super) fn is_personal(name: &str) -> bool {
    let words = words(name);
    let standard = ["birth_date", "sex", "income", "postal_code", "email", "phone"];
    let known = |standard: &&str| names(SourceKind::Customers, standard).any(|known| known == words.concat());
    words.iter().any(|word| is_listed(PERSONAL, word)) || standard.iter().any(known)
}

/// Says whether a column's name tells that it is an outcome.
pub(super) fn is_outcome(name: &str) -> bool {
    is_listed(OUTCOME, &words(name).concat())
}

/// Words that together name a customer's id, where no whole name does.
const WHO: [&str; 8] = ["customer", "client", "cust", "user", "member", "buyer", "shopper", "household"];
const NUMBER: [&str; 7] = ["id", "no", "nr", "number", "num", "key", "code"];

/// Says whether words name a customer's id, such as `loyalty_member_code`.
pub(super) fn names_customer(words: &[String]) -> bool {
    let any = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    any(&WHO) && any(&NUMBER)
}

/// The words of a name, in lower case: `CustomerID`, `customer_id` and `Customer ID` are customer, id.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for character in name.chars() {
        let starts = !before.is_alphanumeric() || (before.is_lowercase() && character.is_uppercase());
        if character.is_alphanumeric() {
            if starts {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(character.to_lowercase());
            }
        }
        before = character;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_into_words() {
        assert_eq!(words("CustomerID"), ["customer", "id"]);
        assert_eq!(words("Customer ID"), ["customer", "id"]);
        assert_eq!(words("order_no2"), ["order", "no2"]);
        assert_eq!(words("SKU"), ["sku"]);
    }

    #[test]
    fn what_is_personal_or_an_outcome_is_told_by_its_name() {
        for name in
            ["Year_Birth", "EMail", "first_name", "Gender", "EstimatedSalary", "zip code", "Income", "dateOfBirth"]
        {
            assert!(is_personal(name), "{name}");
        }
        for name in ["age", "Recency", "MntWines", "plan", "tenure", "discount"] {
            assert!(!is_personal(name), "{name}");
        }
        assert!(is_outcome("Churn") && is_outcome("Attrition_Flag") && !is_outcome("churn_risk_band"));
    }
}
