"""Names and classes of C#: generic classes, parts of one class."""

from __future__ import annotations

from pathlib import Path

from tests.link.linking import link_one, races


def test_classes_of_one_name_differ_by_type_parameters(tmp_path: Path) -> None:
    program = link_one(
        tmp_path,
        {
            "Base.cs": """
                using Amazon.Lambda.Core;
                namespace Shop;
                public abstract class Base
                {
                    public string FunctionHandler(string input, ILambdaContext context) => Process(input);
                    public abstract string Process(string input);
                }
                """,
            "BaseOf.cs": """
                namespace Shop;
                public abstract class Base<T> : Base
                {
                    private string _last;
                    public abstract string Handle(T item);
                    public override string Process(string input) { _last = input; return _last; }
                }
                """,
            "Function.cs": """
                namespace Shop;
                public class Function : Base<string>
                {
                    public override string Handle(string item) => item;
                }
                """,
        },
    )
    assert races(program) == [("REQUEST_DATA", "Base._last")]


def test_initialisers_and_constructors_of_all_parts(tmp_path: Path) -> None:
    program = link_one(
        tmp_path,
        {
            "Function.cs": """
                using System.Collections.Generic;
                using Amazon.Lambda.Core;
                namespace Shop;
                public partial class Function
                {
                    public int FunctionHandler(string input, ILambdaContext context)
                    {
                        _seen.Add(input);
                        _more.Add(input);
                        _other.Add(input);
                        return _seen.Count + _more.Count;
                    }
                }
                """,
            "Function.Parts.cs": """
                using System.Collections.Generic;
                namespace Shop;
                public partial class Function
                {
                    private readonly List<string> _seen = new();
                    private readonly ICollection<string> _more;
                    private static readonly ISet<string> _other;
                    static Function() { _other = new HashSet<string>(); }
                    public Function() { _more = new List<string>(); }
                }
                """,
        },
    )
    assert {place for _, place in races(program)} == {"Function._seen", "Function._more", "Function._other"}
