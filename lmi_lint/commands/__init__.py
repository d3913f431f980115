"""Commands beside ``check``, one module each, loaded when they are called or listed. Only click is imported at the top
of each.
"""
