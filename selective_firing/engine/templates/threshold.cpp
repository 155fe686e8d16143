{# As Brian2's own, with two differences. An event that needs a flag of the conductor (`flags`, set by `population`) is
   looked for only in the steps in which the flag is set. And members are asked in blocks whether any has the event, in a
   loop of vectors, as it writes nothing; only a block that has one is gone through member by member. #}
{# USES_VARIABLES { N } #}
{% extends 'common_group.cpp' %}

{% block maincode %}
    {% set events = get_array_name(eventspace_variable) %}
    {% set flag = owner.flags[eventspace_variable.name[1:-5]] %}
    {% set block = 64 %}
    const int _vectorisation_idx = -1;
    {{scalar_code|autoindent}}
    long _count = 0;
    {% if flag %}
    if({{get_array_name(variables[flag])}}[0])
    {% endif %}
    for(size_t _from = 0; _from < N; _from += {{block}})
    {
        const size_t _to = _from + {{block}} < N ? _from + {{block}} : N;
        int _any = 0;
        for(size_t _idx = _from; _idx < _to; _idx++)
        {
            const size_t _vectorisation_idx = _idx;
            {{vector_code|autoindent}}
            _any |= _cond;
        }
        if(_any) for(size_t _idx = _from; _idx < _to; _idx++)
        {
            const size_t _vectorisation_idx = _idx;
            {{vector_code|autoindent}}
            if(_cond)
                {{events}}[_count++] = _idx;
        }
    }
    {{events}}[N] = _count;
{% endblock %}

{% block after_code %}
{{get_array_name(eventspace_variable)}}[N] = 0;
{% endblock %}
