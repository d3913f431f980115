"""Link: from one deployed function's facts to a program that rules can ask.

The functions that an invocation reaches are evaluated over abstract objects (``evaluate.py``): load first, which
leaves a heap of objects that live as long as the environment, then one request over that heap. What a rule
asks for afterwards are records of that second evaluation (``program.py``).
"""
